//! Makes a few calls through both layers and prints the page that a scrape would get: plain text,
//! or OpenMetrics with the argument `openmetrics`.
//!
//! For readers that are not ours: `cargo run -p tonic-telemetry --example metrics_page | promtool check
//! metrics`.

use std::io::Write as _;

use http::{HeaderMap, Request, Response};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tonic::{Status, body::Body};
use tonic_telemetry::{Methods, Peer, TraceClientLayer, TraceServerLayer, metrics::Registry};
use tower::{BoxError, Layer as _, ServiceExt as _, service_fn};

/// The status of every third call: OK, `NOT_FOUND`, `INTERNAL`.
const STATUSES: [&str; 3] = ["0", "5", "13"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let tracer = SdkTracerProvider::default().tracer("example");
    let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
    let metrics = Registry::new();
    metrics.build_info("example", env!("CARGO_PKG_VERSION"))?;
    let peer = Peer {
        name: "quotes \" and \\ and\nlines".to_owned(),
        address: "127.0.0.1".to_owned(),
        port: None,
    };
    let client = TraceClientLayer::new(tracer.clone(), &metrics, &methods, peer);
    let attempt = client.clone().attempt("example.rpc.attempt");
    let server = TraceServerLayer::new(tracer, &metrics, &methods);

    for status in STATUSES.into_iter().cycle().take(30) {
        let handler = server.layer(service_fn(move |_request| answer(status)));
        let request = Request::builder().uri("/grpc.health.v1.Health/Check");
        let hop = client.layer(attempt.layer(handler));
        hop.oneshot(request.body(Body::empty())?).await?;
    }

    let openmetrics = std::env::args()
        .nth(1)
        .is_some_and(|format| format == "openmetrics");
    let accept = openmetrics.then_some("application/openmetrics-text");
    let (_, page) = metrics.encode(accept);
    std::io::stdout().write_all(&page)?;
    Ok(())
}

/// An answer that has nothing but this status.
async fn answer(status: &'static str) -> Result<Response<Body>, Status> {
    tokio::task::yield_now().await;
    let mut response = Response::new(Body::empty());
    let mut headers = HeaderMap::new();
    headers.insert(
        "grpc-status",
        status.parse().map_err(|_| Status::internal("no status"))?,
    );
    *response.headers_mut() = headers;
    Ok(response)
}
