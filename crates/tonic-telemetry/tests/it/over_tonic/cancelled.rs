//! Calls whose caller leaves.

use opentelemetry::trace::Status as SpanStatus;
use rstest::rstest;
use tower::Layer as _;

use super::hop;
use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION, attribute,
    echo::{Running, open, words},
};

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
