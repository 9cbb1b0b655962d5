//! Where events go: to the profile service, by the client that calls it anyway.

use grpc_wire::code_name;
use outbox::{Event, Failure, Sink};
use proto::profile::v1::{self as profile, PublishEventsRequest};

use crate::{ProfileClient, store::timestamp};

/// Sends events to the inbox of the profile service.
#[derive(Clone, Debug)]
pub(crate) struct ProfileSink(pub(crate) ProfileClient);

impl Sink for ProfileSink {
    async fn publish(&self, events: &[Event]) -> Result<(), Failure> {
        let request = PublishEventsRequest {
            events: events.iter().map(message).collect(),
        };
        let answer = self.0.clone().publish_events(request).await;
        answer.map(drop).map_err(|status| {
            let code = code_name(status.code());
            Failure::new(code, format!("the profile service answered {code}"))
        })
    }
}

fn message(event: &Event) -> profile::Event {
    profile::Event {
        id: event.id.clone(),
        r#type: event.kind.clone(),
        subject: event.subject.clone(),
        time: Some(timestamp(event.created_at_ms)),
        traceparent: event.headers.traceparent.clone(),
        tracestate: event.headers.tracestate.clone(),
        baggage: event.headers.baggage.clone(),
    }
}
