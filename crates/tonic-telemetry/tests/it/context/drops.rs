//! What runs when a call is given up.

use http::Response;
use opentelemetry::trace::{Span as _, SpanKind, Tracer as _};
use opentelemetry_sdk::trace::SdkTracer;
use tokio_stream::StreamExt as _;
use tonic::Status;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::{assert_children, request};
use crate::support::{Fixture, script::ScriptedBody};

/// Makes a span when it is dropped, as a transaction that rolls back does.
struct SpanOnDrop(SdkTracer);

impl Drop for SpanOnDrop {
    fn drop(&mut self) {
        self.0.start("rollback").end();
    }
}

#[tokio::test]
async fn a_span_made_while_a_cancelled_handler_is_dropped_is_a_child() {
    let fixture = Fixture::new();
    let tracer = fixture.tracer();
    let server = fixture.server_layer().layer(service_fn(move |_request| {
        let rollback = SpanOnDrop(tracer.clone());
        async move {
            let _rollback = rollback;
            std::future::pending::<Result<Response<ScriptedBody>, Status>>().await
        }
    }));

    let mut pending = tokio_test::task::spawn(server.oneshot(request()));
    assert!(pending.poll().is_pending());
    drop(pending);

    assert_children(&fixture, SpanKind::Server, 1).await;
}

#[tokio::test]
async fn a_span_made_while_a_cancelled_stream_is_dropped_is_a_child() {
    let fixture = Fixture::new();
    let tracer = fixture.tracer();
    let server = fixture.server_layer().layer(service_fn(move |_request| {
        let rollback = SpanOnDrop(tracer.clone());
        let stream = tokio_stream::pending::<Result<http_body::Frame<bytes::Bytes>, Status>>();
        let stream = stream.map(move |frame| {
            let _kept_with_the_stream = &rollback;
            frame
        });
        let body = http_body_util::StreamBody::new(stream);
        std::future::ready(Ok::<_, Status>(Response::new(body)))
    }));

    let response = server.oneshot(request()).await.unwrap();
    drop(response);

    assert_children(&fixture, SpanKind::Server, 1).await;
}
