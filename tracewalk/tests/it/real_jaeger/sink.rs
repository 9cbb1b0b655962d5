//! What stands behind the collector: keeps what it gets by OTLP/HTTP, and can be slow.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    logs::v1::ResourceLogs,
};
use prost::Message as _;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// On a free port; gone when dropped.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) address: String,
    kept: Kept,
    is_open: watch::Sender<bool>,
    server: JoinHandle<()>,
}

#[derive(Clone, Debug)]
struct Kept {
    logs: Arc<Mutex<Vec<ResourceLogs>>>,
    /// The ids of spans, as a span may be sent again.
    spans: Arc<Mutex<HashSet<Vec<u8>>>>,
    is_open: watch::Receiver<bool>,
}

impl Sink {
    /// Takes log records at once, and spans when it [is opened](Self::open).
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let (is_open, opened) = watch::channel(false);
        let kept = Kept {
            logs: Arc::default(),
            spans: Arc::default(),
            is_open: opened,
        };
        let router = Router::new()
            .route("/otlp/v1/logs", post(keep_logs))
            .route("/v1/traces", post(keep_spans))
            .with_state(kept.clone());
        let server =
            tokio::spawn(async { axum::serve(listener, router).await.expect("it serves") });
        Self {
            address,
            kept,
            is_open,
            server,
        }
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }

    pub(crate) fn logs(&self) -> Vec<ResourceLogs> {
        self.kept
            .logs
            .lock()
            .expect("nobody panics with it")
            .clone()
    }

    /// How many spans have come.
    pub(crate) fn spans(&self) -> u64 {
        let spans = self.kept.spans.lock().expect("nobody panics with it").len();
        spans.try_into().expect("it is small")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn keep_logs(State(kept): State<Kept>, body: Bytes) {
    let request = ExportLogsServiceRequest::decode(body).expect("OTLP");
    let mut logs = kept.logs.lock().expect("nobody panics with it");
    logs.extend(request.resource_logs);
}

async fn keep_spans(State(mut kept): State<Kept>, body: Bytes) {
    // The sender is gone when the test ends.
    let _ = kept.is_open.wait_for(|is_open| *is_open).await;
    let request = ExportTraceServiceRequest::decode(body).expect("OTLP");
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|of| of.scope_spans);
    let ids = scopes.flat_map(|of| of.spans).map(|span| span.span_id);
    kept.spans
        .lock()
        .expect("nobody panics with it")
        .extend(ids);
}
