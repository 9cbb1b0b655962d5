//! Whatever runs for a call runs in the context of its span, on whichever thread and at whichever
//! time: spans made there are its children.

use std::{
    pin::Pin,
    task::{Context as Waker, Poll},
};

use crate::support::{
    Fixture,
    echo::{Running, call, words},
    script::{Head, Script, ScriptedBody, grpc_status, read},
};
use http::{Request, Response};
use opentelemetry::{
    Context,
    trace::{Span as _, SpanKind, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::{SdkTracer, SpanData};
use rstest::rstest;
use tokio_stream::StreamExt as _;
use tonic::{Status, body::Body};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing_subscriber::layer::SubscriberExt as _;

fn request() -> Request<Body> {
    Request::builder()
        .header("content-type", "application/grpc")
        .uri("/test.v1.Echo/Chat")
        .body(Body::empty())
        .expect("the URI is valid")
}

async fn assert_children(fixture: &Fixture, parent: SpanKind, number: usize) {
    let parent = fixture.wait_for(parent, 1).await.remove(0);
    let children = fixture.wait_for(SpanKind::Internal, number).await;
    assert_eq!(children.len(), number);
    for child in children {
        assert_child(&child, &parent);
    }
}

fn assert_child(child: &SpanData, parent: &SpanData) {
    assert_eq!(child.parent_span_id, parent.span_context.span_id());
    assert_eq!(
        child.span_context.trace_id(),
        parent.span_context.trace_id()
    );
}

#[rstest]
#[case::unary("Say", &["span"], 1)]
#[case::response_stream("Watch", &["span,a,span"], 2)]
#[case::request_stream("Upload", &["span", "span"], 2)]
#[case::both("Chat", &["span", "a", "span"], 2)]
#[tokio::test]
async fn a_span_of_the_handler_is_a_child_of_the_server_span(
    #[case] method: &str,
    #[case] sent: &[&str],
    #[case] number: usize,
) {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;

    let (_, ended) = call(server.channel(), method, words(sent)).await;

    ended.unwrap();
    assert_children(&fixture, SpanKind::Server, number).await;
}

#[rstest]
#[case::unary("Say", &["tracing"], 1)]
#[case::response_stream("Watch", &["tracing,a,tracing"], 2)]
#[case::request_stream("Upload", &["tracing", "tracing"], 2)]
#[case::both("Chat", &["tracing", "a", "tracing"], 2)]
#[tokio::test]
async fn a_tracing_span_of_the_handler_is_a_child_of_the_server_span(
    #[case] method: &str,
    #[case] sent: &[&str],
    #[case] number: usize,
) {
    let fixture = Fixture::new();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(fixture.tracer())
        .with_location(false)
        .with_threads(false)
        .with_target(false);
    let ours = tracing_subscriber::filter::Targets::new()
        .with_target(env!("CARGO_CRATE_NAME"), tracing::Level::INFO);
    let subscriber =
        tracing_subscriber::registry().with(tracing_subscriber::Layer::with_filter(layer, ours));
    // The test runs on one thread, which is the one that this holds for.
    let _subscriber = tracing::subscriber::set_default(subscriber);
    let server = Running::start(&fixture).await;

    let (_, ended) = call(server.channel(), method, words(sent)).await;

    ended.unwrap();
    assert_children(&fixture, SpanKind::Server, number).await;
}

#[tokio::test]
async fn a_span_of_a_request_stream_is_a_child_of_the_client_span() {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());
    let tracer = fixture.tracer();

    let sent = words(&["a", "b", "c"]).map(move |word| {
        tracer.start("producer").end();
        word
    });
    let (answers, ended) = call(client, "Chat", sent).await;

    ended.unwrap();
    assert_eq!(answers, ["a", "b", "c"]);
    assert_children(&fixture, SpanKind::Client, 3).await;
}

#[tokio::test]
async fn a_call_of_a_handler_is_a_child_of_the_call_that_it_answers() {
    let fixture = Fixture::new();
    let script = Script {
        wait: std::time::Duration::ZERO,
        head: Head::Answer(http::StatusCode::OK, grpc_status(tonic::Code::Ok, "")),
        body: Vec::new(),
    };
    let downstream = fixture.client_layer().layer(script.service());
    let handler = service_fn(move |_request| downstream.clone().oneshot(request()));
    let server = fixture.server_layer().layer(handler);

    server.oneshot(request()).await.unwrap();

    let client = fixture.wait_for(SpanKind::Client, 1).await.remove(0);
    let server = fixture.wait_for(SpanKind::Server, 1).await.remove(0);
    assert_child(&client, &server);
}

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

/// A body that is polled where a span is active, or else fails the test.
struct Probe;

impl http_body::Body for Probe {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Waker<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Status>>> {
        assert!(has_span(), "in a poll of a body");
        Poll::Ready(None)
    }
}

#[tokio::test]
async fn the_context_is_active_in_a_poll_and_never_after_it() {
    let fixture = Fixture::new();
    let (sender, receiver) = std::sync::mpsc::channel();
    let handler = service_fn(move |request: Request<Body>| {
        assert!(has_span(), "in the call");
        // Read after the handler is done, as by a task that it started.
        sender
            .send(request.into_body())
            .expect("the test receives it");
        async {
            assert!(has_span(), "in the future");
            Ok::<_, Status>(Response::new(Probe))
        }
    });
    let server = fixture.server_layer().layer(handler);

    let response = server.oneshot(request().map(|_empty| Probe)).await.unwrap();
    assert!(!has_span(), "after the future");
    read(response.into_body()).await.unwrap();
    assert!(!has_span(), "after the answer");
    read(receiver.recv().unwrap()).await.unwrap();
    assert!(!has_span(), "after the request");
}

fn has_span() -> bool {
    Context::current().has_active_span()
}
