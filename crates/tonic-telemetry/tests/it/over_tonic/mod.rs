//! The layers around a real tonic server and client, over a socket: for every kind of call and
//! every way it can end, one CLIENT span with one SERVER span below it.

mod cancelled;
mod kinds;

use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;

use crate::support::Fixture;

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
