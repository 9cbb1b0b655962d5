//! The layers around a real tonic server and client, over a socket: for every kind of call and
//! every way it can end, one CLIENT span with one SERVER span below it.

use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION, attribute,
    echo::{Running, call, open, words},
};
use grpc_wire::code_name;
use opentelemetry::trace::{SpanKind, Status as SpanStatus};
use opentelemetry_sdk::trace::SpanData;
use rstest::rstest;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tower::Layer as _;

/// The CLIENT and the SERVER span of the only call.
async fn hop(fixture: &Fixture) -> (SpanData, SpanData) {
    let mut servers = fixture.wait_for(SpanKind::Server, 1).await;
    let mut clients = fixture.wait_for(SpanKind::Client, 1).await;
    assert_eq!((clients.len(), servers.len()), (1, 1));
    let (client, server) = (clients.remove(0), servers.remove(0));
    assert_eq!(server.parent_span_id, client.span_context.span_id());
    assert_eq!(
        server.span_context.trace_id(),
        client.span_context.trace_id()
    );
    assert!(server.parent_span_is_remote);
    (client, server)
}

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
#[tokio::test]
async fn a_caller_that_leaves_early_is_cancelled_on_both_sides(
    #[values("Say", "Upload")] method: &'static str,
) {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let hanging = tokio::spawn(open(client, method, words(&["hang"])));
    while fixture.count("grpc_rpc_started_total", method) < 1.0 {
        tokio::task::yield_now().await;
    }
    hanging.abort();

    assert_cancelled(&fixture).await;
}

#[rstest]
#[case::server_streaming("Watch", &["a,hang"])]
#[case::bidirectional("Chat", &["a", "hang"])]
#[tokio::test]
async fn a_caller_that_leaves_mid_stream_is_cancelled_on_both_sides(
    #[case] method: &str,
    #[case] sent: &[&str],
) {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let mut stream = open(client, method, words(sent)).await.unwrap();
    assert_eq!(stream.message().await.unwrap().as_deref(), Some("a"));
    assert_eq!(fixture.spans().len(), 0, "the call is still open");
    drop(stream);

    assert_cancelled(&fixture).await;
}

async fn assert_cancelled(fixture: &Fixture) {
    let (client, server) = hop(fixture).await;
    for span in [&client, &server] {
        assert_eq!(attribute(span, "rpc.response.status_code"), "CANCELLED");
    }
    assert_eq!(attribute(&client, "error.type"), "CANCELLED");
    assert_eq!(server.status, SpanStatus::Unset, "the server did no wrong");
    for name in [CLIENT_DURATION, SERVER_DURATION] {
        assert_eq!(fixture.samples(name)["CANCELLED"].0, 1);
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
