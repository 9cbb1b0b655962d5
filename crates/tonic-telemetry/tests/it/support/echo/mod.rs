//! `test.v1.Echo` with a method of each kind, written by hand over tonic: the server does what
//! the words that it is sent say, and the client sends them.

use std::{
    convert::Infallible,
    future::{pending, ready},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response, uri::PathAndQuery};
use opentelemetry::trace::{Span as _, Tracer as _};
use opentelemetry_sdk::trace::SdkTracer;
use test_support::DEADLINE;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_stream::{Stream, StreamExt as _, wrappers::TcpListenerStream};
use tonic::{
    Status, Streaming,
    body::Body,
    client::{Grpc, GrpcService},
    server::NamedService,
    transport::{Channel, Endpoint, Server},
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use super::Fixture;

type Words = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// The service; its handlers can make spans of their own.
#[derive(Clone, Debug)]
pub struct Echo {
    pub tracer: SdkTracer,
}

impl Echo {
    /// What one word makes of the call that it came in.
    async fn obey(&self, word: String) -> Result<String, Status> {
        match word.as_str() {
            "not found" => return Err(Status::not_found("no such word")),
            "internal" => return Err(Status::internal("the dictionary is torn")),
            "panic" => panic!("as the caller asked"),
            "hang" => pending().await,
            // The OpenTelemetry API takes the parent from the active context.
            "span" => self.tracer.start("handler").end(),
            "tracing" => drop(tracing::info_span!("handler").entered()),
            _ => {}
        }
        Ok(word)
    }

    async fn say(self, request: tonic::Request<String>) -> Result<tonic::Response<String>, Status> {
        self.obey(request.into_inner())
            .await
            .map(tonic::Response::new)
    }

    /// Answers with each of the words that a comma separates.
    fn watch(self, request: tonic::Request<String>) -> tonic::Response<Words> {
        let words: Vec<_> = request.into_inner().split(',').map(str::to_owned).collect();
        self.answer(tokio_stream::iter(words).map(Ok))
    }

    /// Answers with the number of words.
    async fn upload(
        self,
        request: tonic::Request<Streaming<String>>,
    ) -> Result<tonic::Response<String>, Status> {
        let (mut words, mut count) = (request.into_inner(), 0);
        while let Some(word) = words.message().await? {
            self.obey(word).await?;
            count += 1;
        }
        Ok(tonic::Response::new(count.to_string()))
    }

    fn chat(self, request: tonic::Request<Streaming<String>>) -> tonic::Response<Words> {
        self.answer(request.into_inner())
    }

    fn answer(
        self,
        words: impl Stream<Item = Result<String, Status>> + Send + 'static,
    ) -> tonic::Response<Words> {
        let answers = words.then(move |word| {
            let echo = self.clone();
            async move { echo.obey(word?).await }
        });
        tonic::Response::new(Box::pin(answers))
    }
}

impl NamedService for Echo {
    const NAME: &'static str = "test.v1.Echo";
}

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let mut grpc = tonic::server::Grpc::new(codec());
            Ok(match path.as_str() {
                "/test.v1.Echo/Say" => {
                    let handler = service_fn(move |request| echo.clone().say(request));
                    grpc.unary(handler, request).await
                }
                "/test.v1.Echo/Watch" => {
                    let handler = service_fn(move |request| ready(Ok(echo.clone().watch(request))));
                    grpc.server_streaming(handler, request).await
                }
                "/test.v1.Echo/Upload" => {
                    let handler = service_fn(move |request| echo.clone().upload(request));
                    grpc.client_streaming(handler, request).await
                }
                "/test.v1.Echo/Chat" => {
                    let handler = service_fn(move |request| ready(Ok(echo.clone().chat(request))));
                    grpc.streaming(handler, request).await
                }
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

/// An echo server over a real socket, behind the layer of a fixture.
pub struct Running {
    pub address: SocketAddr,
    // Stops the server when the test is over.
    _server: JoinSet<()>,
}

impl Running {
    pub async fn start(fixture: &Fixture) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<Echo>().await;
        let echo = Echo {
            tracer: fixture.tracer(),
        };
        let router = Server::builder()
            // By default a connection ends with ENHANCE_YOUR_CALM when its caller resets 20 calls
            // before a busy machine accepts them.
            .http2_max_pending_accept_reset_streams(Some(10_000))
            .layer(fixture.server_layer().announce_trace_id())
            .add_service(echo)
            .add_service(health_service);
        let mut server = JoinSet::new();
        server.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            router
                .serve_with_incoming(incoming)
                .await
                .expect("the server runs until the test is over");
        });
        Self {
            address,
            _server: server,
        }
    }

    /// A connection to the server, not traced yet.
    pub fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address))
            .expect("an address makes a URI")
            .connect_lazy()
    }
}

/// Sends words to a method of any kind, and collects the answers and how the call ended.
///
/// On the wire a single request is a stream of one.
pub async fn call<S>(
    service: S,
    method: &str,
    words: impl Stream<Item = String> + Send + 'static,
) -> (Vec<String>, Result<(), Status>)
where
    S: GrpcService<Body>,
    S::ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    <S::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut answers = Vec::new();
    let talk = async {
        let mut stream = open(service, method, words).await?;
        while let Some(answer) = stream.message().await? {
            answers.push(answer);
        }
        Ok(())
    };
    let ended = timeout(DEADLINE, talk).await.expect("a call ends in time");
    (answers, ended)
}

/// Starts a call, and returns when the headers of its answer are here.
pub async fn open<S>(
    service: S,
    method: &str,
    words: impl Stream<Item = String> + Send + 'static,
) -> Result<Streaming<String>, Status>
where
    S: GrpcService<Body>,
    S::ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    <S::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let path = format!("/test.v1.Echo/{method}");
    let path = PathAndQuery::try_from(path).expect("a method is a path");
    let mut grpc = Grpc::new(service);
    grpc.ready()
        .await
        .map_err(|error| Status::from_error(error.into()))?;
    let answer = grpc.streaming(tonic::Request::new(words), path, codec());
    Ok(answer.await?.into_inner())
}

/// The words of a request.
pub fn words(words: &[&str]) -> impl Stream<Item = String> + Send + 'static {
    let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
    tokio_stream::iter(words)
}

fn codec() -> ProstCodec<String, String> {
    ProstCodec::default()
}
