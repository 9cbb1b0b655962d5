//! What a handler and a stream begin.

use opentelemetry::trace::{Span as _, SpanKind, Tracer as _};
use rstest::rstest;
use tokio_stream::StreamExt as _;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing_subscriber::layer::SubscriberExt as _;

use super::{assert_child, assert_children, request};
use crate::support::{
    Fixture,
    echo::{Running, call, words},
    script::Script,
};

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
    let answers = Script::answers(tonic::Code::Ok);
    let downstream = fixture.client_layer().layer(answers.service());
    let handler = service_fn(move |_request| downstream.clone().oneshot(request()));
    let server = fixture.server_layer().layer(handler);

    server.oneshot(request()).await.unwrap();

    let client = fixture.wait_for(SpanKind::Client, 1).await.remove(0);
    let server = fixture.wait_for(SpanKind::Server, 1).await.remove(0);
    assert_child(&client, &server);
}
