//! Events to be handled later: of `PublishEvents`, or of a topic.

use outbox::Event;
use proto::{
    limits,
    profile::v1::{self as profile, PublishEventsRequest},
};
use tonic_telemetry::messaging::MessageHeaders;

use crate::{
    error::Error,
    store::{Store, timestamp},
};

/// Keeps the events, all or none.
pub(super) async fn publish(store: &Store, request: PublishEventsRequest) -> Result<(), Error> {
    limits::events(&request.events).map_err(Error::InvalidEvents)?;
    let events = request.events.into_iter().map(event).collect();
    Ok(store.accept(events).await?)
}

/// Checks an event of a topic as one of a call.
///
/// # Errors
/// Which limit it breaks, without its values.
pub(crate) fn check(event: &Event) -> Result<(), String> {
    let time = timestamp(event.created_at_ms);
    let headers = event.headers.clone();
    let event = profile::Event {
        id: event.id.clone(),
        r#type: event.kind.clone(),
        subject: event.subject.clone(),
        time: Some(time),
        traceparent: headers.traceparent,
        tracestate: headers.tracestate,
        baggage: headers.baggage,
    };
    limits::events(&[event]).map_err(|broken| broken.to_string())
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
