//! All servers in the test's process, on ports that the system picks.

use std::{net::SocketAddr, time::Duration};

use backends::{Limits, TraceStore, traces::otlp::Gate};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest,
        trace_service_client::TraceServiceClient,
    },
    trace::v1::ResourceSpans,
};
use serde_json::Value as Json;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};
use tonic::transport::Channel;

use super::answer::Answer;

/// Two receivers and a query server over one store. They end with the test's runtime.
pub(crate) struct Backend {
    pub(crate) store: TraceStore,
    /// Of the receiver of OTLP/gRPC.
    pub(crate) gate: Gate,
    pub(crate) otlp: TraceServiceClient<Channel>,
    /// `http://127.0.0.1:PORT`, of the receiver of OTLP/gRPC.
    pub(crate) otlp_url: String,
    /// `http://127.0.0.1:PORT`, of the receiver of OTLP/HTTP.
    pub(crate) otlp_http_url: String,
    /// `http://127.0.0.1:PORT`, of the pages and the query API.
    pub(crate) url: String,
    http: Client<HttpConnector, Full<Bytes>>,
    stop: watch::Sender<()>,
    servers: [JoinHandle<Result<(), backends::ServeError>>; 3],
}

impl Backend {
    pub(crate) async fn start() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        Self::over(TraceStore::new(limits), None).await
    }

    /// Over this store; methods in traces lead to the dashboards page at this address.
    pub(crate) async fn over(store: TraceStore, dashboards: Option<SocketAddr>) -> Self {
        let (receiver, otlp_url) = listen().await;
        let (http_receiver, otlp_http_url) = listen().await;
        let (pages, url) = listen().await;
        let (stop, stopped) = watch::channel(());
        let gate = Gate::default();
        let servers = [
            tokio::spawn(backends::traces::otlp::serve_behind(
                gate.clone(),
                receiver,
                store.clone(),
                until(stopped.clone()),
            )),
            tokio::spawn(backends::traces::otlp::serve_http(
                http_receiver,
                store.clone(),
                until(stopped.clone()),
            )),
            tokio::spawn(backends::traces::jaeger::serve(
                pages,
                store.clone(),
                dashboards,
                until(stopped),
            )),
        ];
        let channel = Channel::from_shared(otlp_url.clone()).expect("the URL is valid");
        Self {
            store,
            gate,
            otlp: TraceServiceClient::new(channel.connect_lazy()),
            otlp_url,
            otlp_http_url,
            url,
            http: Client::builder(TokioExecutor::new()).build_http(),
            stop,
            servers,
        }
    }

    /// Exports the spans and expects them to be kept, all of them.
    pub(crate) async fn export(&self, spans: Vec<ResourceSpans>) {
        let complaint = self
            .try_export(spans)
            .await
            .expect("the export is answered");
        assert_eq!(complaint, None);
    }

    pub(crate) async fn try_export(
        &self,
        resource_spans: Vec<ResourceSpans>,
    ) -> Result<Option<ExportTracePartialSuccess>, tonic::Status> {
        let request = ExportTraceServiceRequest { resource_spans };
        let answer = self.otlp.clone().export(request).await?;
        Ok(answer.into_inner().partial_success)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, Bytes::new()).await
    }

    pub(crate) async fn request(&self, method: Method, path: &str, body: Bytes) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .body(Full::new(body))
            .expect("the path is valid");
        let answer = self
            .http
            .request(request)
            .await
            .expect("the server answers");
        let content_type = answer.headers().get(header::CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Answer {
            status: answer.status(),
            content_type: content_type.to_owned(),
            body: answer
                .into_body()
                .collect()
                .await
                .expect("the body ends")
                .to_bytes(),
        }
    }

    /// The `data` of an answer that must be good.
    pub(crate) async fn data(&self, path: &str) -> Json {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
        answer.json()["data"].take()
    }

    /// The trace ids that a search finds, in order.
    pub(crate) async fn search(&self, query: &str) -> Vec<String> {
        let traces = self.data(&format!("/api/traces?{query}")).await;
        let traces = traces.as_array().expect("the data is a list").clone();
        traces
            .iter()
            .map(|trace| {
                trace["traceID"]
                    .as_str()
                    .expect("a trace has an id")
                    .to_owned()
            })
            .collect()
    }

    /// Tells all servers to stop and waits until they have.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        for server in self.servers {
            let ended = timeout(Duration::from_mins(1), server).await;
            let ended = ended
                .expect("a server ends soon")
                .expect("a server does not panic");
            ended.expect("a server ends without an error");
        }
    }
}

/// The text as it stands in a URL.
pub(crate) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A listener on a port that the system picks, and its URL.
async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port is free");
    let address = listener.local_addr().expect("the listener is bound");
    (listener, format!("http://{address}"))
}

async fn until(mut stopped: watch::Receiver<()>) {
    let _ = stopped.changed().await;
}
