//! Layers without descriptor sets: each method has its series from the first call on that shows that it exists, and
//! what a caller makes up has none.

mod clients;
mod made_up;

use http::{Request, StatusCode};
use http_body_util::Full;
use opentelemetry::trace::SpanKind;
use rstest::rstest;
use test_support::until;
use tokio::task::JoinSet;
use tonic::{Code, body::Body, service::Routes};
use tower::{Layer as _, ServiceExt as _};

use crate::support::{
    Fixture, SERVER_DURATION, attribute,
    echo::{Echo, Running, call, open, words},
    label,
    script::{Head, Script, grpc_status},
};

const STARTED: &str = "grpc_rpc_started_total";

/// A gRPC request with one message, to any path.
fn request(path: &str) -> Request<Body> {
    let message = Full::new(bytes::Bytes::from_static(&[0, 0, 0, 0, 0]));
    let request = Request::post(path).header("content-type", "application/grpc");
    request.body(Body::new(message)).expect("a valid request")
}

/// The services that a histogram has series of, each as often as it has series.
fn services(fixture: &Fixture, name: &str) -> Vec<String> {
    let series = fixture.series(name);
    series.iter().map(|it| label(it, "service")).collect()
}

#[rstest]
#[case::unary("Say", &["ok"], "unary", (1, 1), "OK")]
#[case::unary_that_fails("Say", &["not found"], "unary", (1, 0), "NOT_FOUND")]
#[case::server_streaming("Watch", &["a,b"], "server_stream", (1, 2), "OK")]
#[case::client_streaming("Upload", &["a", "b"], "client_stream", (2, 1), "OK")]
#[case::bidirectional("Chat", &["a", "b"], "bidi_stream", (2, 2), "OK")]
#[case::stream_that_fails("Watch", &["not found"], "server_stream", (1, 0), "NOT_FOUND")]
#[tokio::test]
async fn the_first_call_gives_a_method_its_name_and_its_series(
    #[case] method: &str,
    #[case] sent: &[&str],
    #[case] kind: &str,
    #[case] (received, answered): (u32, u32),
    #[case] code: &str,
) {
    let fixture = Fixture::learning();
    let server = Running::start(&fixture).await;
    assert_eq!(services(&fixture, SERVER_DURATION), ["_OTHER"]);

    for calls in 1..=2 {
        call(server.channel(), method, words(sent)).await.1.ok();
        let spans = fixture.wait_for(SpanKind::Server, calls).await;
        assert_eq!(spans[calls - 1].name, format!("test.v1.Echo/{method}"));
    }

    for span in fixture.spans() {
        let names = span
            .attributes
            .iter()
            .filter(|it| it.key.as_str() == "rpc.method");
        let names: Vec<_> = names.map(|it| it.value.to_string()).collect();
        assert_eq!(names, [format!("test.v1.Echo/{method}")]);
        assert_eq!(attribute(&span, "rpc.method_original"), "");
    }
    let series = fixture.series(SERVER_DURATION);
    let known = series
        .iter()
        .filter(|it| label(it, "service") == "test.v1.Echo");
    let known: Vec<_> = known.map(|it| label(it, "method")).collect();
    assert!(known.iter().all(|it| it == method), "{known:?}");
    assert_eq!(fixture.samples(SERVER_DURATION)[code].0, 2);
    let started = fixture.series(STARTED);
    let started = started.iter().find(|it| label(it, "method") == method);
    assert_eq!(label(started.expect("a series"), "type"), kind);
    for (name, each) in [
        (STARTED, 1),
        ("grpc_rpc_messages_received_total", received),
        ("grpc_rpc_messages_sent_total", answered),
    ] {
        let (counted, expected) = (fixture.count(name, method), f64::from(2 * each));
        assert!(
            (counted - expected).abs() < f64::EPSILON,
            "{name}: {counted}"
        );
    }
}

#[tokio::test]
async fn a_stream_that_its_caller_leaves_gives_its_method_series() {
    let fixture = Fixture::learning();
    let server = Running::start(&fixture).await;
    let mut stream = open(server.channel(), "Watch", words(&["a,hang"]))
        .await
        .unwrap();
    assert_eq!(stream.message().await.unwrap().as_deref(), Some("a"));
    drop(stream);
    let spans = fixture.wait_for(SpanKind::Server, 1).await;
    assert_eq!(spans[0].name, "test.v1.Echo/Watch");
    assert_eq!(fixture.samples(SERVER_DURATION)["CANCELLED"].0, 1);
}

#[rstest]
#[case::server_streaming("Watch", &["a,hang"], "server_stream")]
#[case::bidirectional("Chat", &["a", "hang"], "bidi_stream")]
#[tokio::test]
async fn a_stream_is_in_flight_before_it_ends(
    #[case] method: &str,
    #[case] sent: &[&str],
    #[case] kind: &str,
) {
    let fixture = Fixture::learning();
    let server = Running::start(&fixture).await;
    let mut stream = open(server.channel(), method, words(sent)).await.unwrap();
    assert_eq!(stream.message().await.unwrap().as_deref(), Some("a"));

    let started = || {
        fixture
            .series(STARTED)
            .into_iter()
            .find(|it| label(it, "method") == method)
    };
    let started = until("it is in flight", async || started()).await;
    assert_eq!(label(&started, "type"), kind);
    let counted = |name| fixture.count(name, method).to_bits();
    until("the message is counted", async || {
        (counted("grpc_rpc_messages_sent_total") == 1.0_f64.to_bits()).then_some(())
    })
    .await;
    drop(stream);
    fixture.wait_for(SpanKind::Server, 1).await;
    assert_eq!(counted(STARTED), 1.0_f64.to_bits());
    assert_eq!(fixture.samples(SERVER_DURATION)["CANCELLED"].0, 1);
}

#[tokio::test]
async fn first_calls_at_once_are_all_counted() {
    let fixture = Fixture::learning();
    let server = Running::start(&fixture).await;
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let channel = server.channel();
        calls.spawn(async move { call(channel, "Say", words(&["ok"])).await.1 });
    }
    calls
        .join_all()
        .await
        .into_iter()
        .for_each(|call| call.unwrap());
    fixture.wait_for(SpanKind::Server, 64).await;
    assert_eq!(fixture.samples(SERVER_DURATION)["OK"].0, 64);
    let started = fixture.count(STARTED, "Say");
    assert!((started - 64.0).abs() < f64::EPSILON, "{started}");
    assert!(
        fixture
            .spans()
            .iter()
            .all(|span| span.name == "test.v1.Echo/Say")
    );
}

#[tokio::test]
async fn no_more_than_256_methods_are_learned() {
    let fixture = Fixture::learning();
    let ok = Script {
        wait: std::time::Duration::ZERO,
        head: Head::Answer(StatusCode::OK, grpc_status(Code::Ok, "")),
        body: Vec::new(),
    };
    let server = fixture.server_layer().layer(ok.service());
    for number in 0..300 {
        let request = request(&format!("/test.v1.Echo/Say{number}"));
        server.clone().oneshot(request).await.unwrap();
    }
    let services = services(&fixture, SERVER_DURATION);
    let learned = services.iter().filter(|it| *it == "test.v1.Echo");
    assert_eq!(learned.count(), 256);
    let other = fixture.count(STARTED, "_OTHER");
    assert!((other - 44.0).abs() < f64::EPSILON, "{other}");
}

#[tokio::test]
async fn services_without_spans_have_none_before_they_are_known_either() {
    let fixture = Fixture::learning();
    let layer = fixture.server_layer().without_spans("test.v1.Echo");
    let routes = Routes::new(Echo {
        tracer: fixture.tracer(),
    });
    let server = layer.layer(routes);
    for path in [
        "/test.v1.Echo/Say",
        "/test.v1.Echo/Say",
        "/test.v1.Echo/Guess",
    ] {
        server.clone().oneshot(request(path)).await.unwrap();
    }
    assert_eq!(fixture.spans().len(), 0);
}
