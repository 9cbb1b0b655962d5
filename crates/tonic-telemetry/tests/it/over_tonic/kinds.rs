//! Calls that end by themselves.

use grpc_wire::code_name;
use opentelemetry::trace::{SpanKind, Status as SpanStatus};
use rstest::rstest;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tower::Layer as _;

use super::hop;
use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION, attribute,
    echo::{Running, call, words},
};

#[rstest]
#[case::ok("ok", Code::Ok)]
#[case::callers_error("not found", Code::NotFound)]
#[case::servers_error("internal", Code::Internal)]
#[tokio::test]
async fn a_call_of_each_kind_makes_one_span_and_one_sample_a_side(
    #[values("Say", "Watch", "Upload", "Chat")] method: &str,
    #[case] word: &str,
    #[case] code: Code,
) {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let (_, ended) = call(client, method, words(&[word])).await;

    assert_eq!(
        ended.map_or_else(|status| status.code(), |()| Code::Ok),
        code
    );
    let (client, server) = hop(&fixture).await;
    for span in [&client, &server] {
        assert_eq!(span.name, format!("test.v1.Echo/{method}"));
        assert_eq!(attribute(span, "rpc.response.status_code"), code_name(code));
    }
    assert_eq!(client.status != SpanStatus::Unset, code != Code::Ok);
    assert_eq!(server.status != SpanStatus::Unset, code == Code::Internal);
    for (name, span) in [(CLIENT_DURATION, client), (SERVER_DURATION, server)] {
        let samples = fixture.samples(name);
        assert_eq!(samples.len(), 1, "one code: {samples:?}");
        let (count, seconds) = samples[code_name(code)];
        assert_eq!(count, 1);
        let lasted = span.end_time.duration_since(span.start_time);
        let lasted = lasted.expect("time goes on").as_secs_f64();
        assert!((seconds - lasted).abs() < 1e-9, "{seconds} and {lasted}");
    }
}

#[rstest]
#[case::server_streaming("Watch", &["a,b,not found"])]
#[case::bidirectional("Chat", &["a", "b", "not found"])]
#[tokio::test]
async fn an_error_after_some_answers_counts_as_that_error(
    #[case] method: &str,
    #[case] sent: &[&str],
) {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let (answers, ended) = call(client, method, words(sent)).await;

    assert_eq!(answers, ["a", "b"]);
    assert_eq!(ended.unwrap_err().code(), Code::NotFound);
    let (client, server) = hop(&fixture).await;
    for span in [client, server] {
        assert_eq!(attribute(&span, "rpc.response.status_code"), "NOT_FOUND");
    }
}

#[rstest]
#[case::unary("Say", &["panic"])]
#[case::server_streaming("Watch", &["a,panic"])]
#[case::client_streaming("Upload", &["a", "panic"])]
#[case::bidirectional("Chat", &["a", "panic"])]
#[tokio::test]
async fn a_panic_of_the_handler_is_an_internal_error(#[case] method: &str, #[case] sent: &[&str]) {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let (_, ended) = call(client, method, words(sent)).await;

    let seen = ended.expect_err("the stream broke").code();
    let (client, server) = hop(&fixture).await;
    assert_eq!(attribute(&server, "rpc.response.status_code"), "INTERNAL");
    assert_eq!(attribute(&server, "error.type"), "INTERNAL");
    assert_eq!(fixture.samples(SERVER_DURATION)["INTERNAL"].0, 1);
    let recorded = attribute(&client, "rpc.response.status_code");
    assert_eq!(recorded, code_name(seen), "what the caller saw");
}

#[tokio::test]
async fn a_peer_that_is_not_there_is_unavailable_as_the_caller_sees_it() {
    let fixture = Fixture::new();
    let channel = Running::start(&fixture).await.channel();
    let client = fixture.client_layer().layer(channel);

    let (_, ended) = call(client, "Say", words(&["ok"])).await;

    assert_eq!(ended.unwrap_err().code(), Code::Unavailable);
    let span = fixture.only_span();
    assert_eq!(attribute(&span, "rpc.response.status_code"), "UNAVAILABLE");
}

#[tokio::test]
async fn an_unknown_method_is_other_on_both_sides_and_adds_one_series() {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let series = fixture.series(SERVER_DURATION).len();

    for method in ["Guess", "Scan1", "Scan2", "Scan3"] {
        let client = fixture.client_layer().layer(server.channel());
        let (_, ended) = call(client, method, words(&["ok"])).await;
        assert_eq!(ended.unwrap_err().code(), Code::Unimplemented);
    }

    assert_eq!(fixture.series(SERVER_DURATION).len(), series);
    assert_eq!(fixture.samples(SERVER_DURATION)["UNIMPLEMENTED"].0, 4);
    for span in fixture.spans() {
        assert_eq!(span.name, "grpc");
        assert_eq!(attribute(&span, "rpc.method"), "_OTHER");
        let original = attribute(&span, "rpc.method_original");
        assert!(original.starts_with("test.v1.Echo/"), "{original}");
    }
}

#[tokio::test]
async fn messages_are_counted_in_both_directions() {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let sent = words(&["a"; 40]).chain(words(&[""; 2]));
    let (answers, ended) = call(client, "Chat", sent).await;

    ended.unwrap();
    assert_eq!(answers.len(), 42);
    let received = fixture.count("grpc_rpc_messages_received_total", "Chat");
    let sent = fixture.count("grpc_rpc_messages_sent_total", "Chat");
    assert_eq!((received, sent), (42.0, 42.0));
}

#[tokio::test]
async fn health_is_measured_but_not_traced_by_its_server() {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let channel = fixture.client_layer().layer(server.channel());
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel);

    let request = tonic_health::pb::HealthCheckRequest::default();
    let answer = health.check(request).await.unwrap();

    assert!(!answer.metadata().contains_key("x-trace-id"));
    let kinds: Vec<_> = fixture
        .spans()
        .into_iter()
        .map(|span| span.span_kind)
        .collect();
    assert_eq!(kinds, [SpanKind::Client]);
    assert_eq!(fixture.samples(SERVER_DURATION)["OK"].0, 1);
    assert_eq!(fixture.samples(CLIENT_DURATION)["OK"].0, 1);
}
