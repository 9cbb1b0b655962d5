//! `PublishEvents`: takes events, to be handled later.

use outbox::Event;
use proto::{
    limits,
    profile::v1::{self as profile, PublishEventsRequest},
};
use tonic_telemetry::messaging::MessageHeaders;

use crate::{error::Error, store::Store};

/// Keeps the events, all or none.
pub(super) async fn publish(store: &Store, request: PublishEventsRequest) -> Result<(), Error> {
    limits::events(&request.events).map_err(Error::InvalidEvents)?;
    let events = request.events.into_iter().map(event).collect();
    Ok(store.accept(events).await?)
}

fn event(event: profile::Event) -> Event {
    let time = event.time.unwrap_or_default();
    Event {
        id: event.id,
        kind: event.r#type,
        subject: event.subject,
        created_at_ms: time.seconds * 1000 + i64::from(time.nanos) / 1_000_000,
        headers: MessageHeaders {
            traceparent: event.traceparent,
            tracestate: event.tracestate,
            baggage: event.baggage,
        },
    }
}
