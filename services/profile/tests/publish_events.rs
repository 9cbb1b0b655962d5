//! `PublishEvents`.

use database::{Database, Statement};
use proto::profile::v1::{Event, PublishEventsRequest};
use rstest::rstest;
use test_support::{service::reason, until};
use tonic::{Code, Status};

use crate::support::{self, Running};

const AUDITED: Statement = Statement {
    operation: "SELECT",
    table: "audit_log",
    text: "SELECT user_id, action, happened_at_ms FROM audit_log",
};

fn event(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        r#type: "user.created".to_owned(),
        subject: format!("user-{id}"),
        time: Some(prost_types::Timestamp {
            seconds: 1_704_067_200,
            nanos: 500_000_000,
        }),
        ..Event::default()
    }
}

async fn publish(service: &Running, events: Vec<Event>) -> Result<(), Status> {
    let request = PublishEventsRequest { events };
    service.client.clone().publish_events(request).await?;
    Ok(())
}

/// The lines of the audit log, once there are so many.
async fn audited(service: &Running, count: usize) -> Vec<(String, String, i64)> {
    let observed = test_support::service::Observed::new("test");
    let database = Database::open(service.database.url(), observed.telemetry()).await;
    let database = database.expect("the database opens");
    let mut lines = until("the events are handled", async || {
        let lines = database.fetch_all(AUDITED.query()).await.expect("rows");
        Some(lines).filter(|lines: &Vec<(String, String, i64)>| lines.len() >= count)
    })
    .await;
    lines.sort();
    lines
}

#[tokio::test]
async fn events_are_in_the_audit_log_once_however_often_they_come() {
    let service = support::start().await;
    let events = vec![event("1"), event("2"), event("1")];
    for _ in 0..3 {
        publish(&service, events.clone()).await.unwrap();
    }
    publish(&service, vec![event("3")]).await.unwrap();
    let lines = audited(&service, 3).await;
    let expected = ["user-1", "user-2", "user-3"].map(|user_id| {
        let action = "user.created".to_owned();
        (user_id.to_owned(), action, 1_704_067_200_500)
    });
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn handling_links_to_the_span_that_made_the_event() {
    let service = support::start().await;
    let made = Event {
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        ..event("1")
    };
    publish(&service, vec![made]).await.unwrap();
    audited(&service, 1).await;
    let spans = service.finish().await;
    let process = spans.iter().find(|span| span.name == "process user-events");
    let links = &process.expect("a CONSUMER span").links;
    let [link] = &links.links[..] else {
        panic!("{links:?}")
    };
    let trace_id = link.span_context.trace_id().to_string();
    assert_eq!(trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[rstest]
#[case(Vec::new(), &["events"])]
#[case(vec![event("1"); 1001], &["events"])]
#[case(vec![event("1"), Event::default()], &["events.id", "events.type", "events.subject", "events.time"])]
#[case(vec![Event { r#type: "User".to_owned(), ..event("1") }], &["events.type"])]
#[case(vec![Event { baggage: "x".repeat(8193), ..event("1") }], &["events.baggage"])]
#[case(vec![Event { time: Some(prost_types::Timestamp { seconds: -1, nanos: 0 }), ..event("1") }], &["events.time"])]
#[case(vec![Event { time: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }), ..event("1") }], &["events.time"])]
#[tokio::test]
async fn each_field_at_fault_is_named(#[case] events: Vec<Event>, #[case] fields: &[&str]) {
    let service = support::start().await;
    let status = publish(&service, events).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let (reason, named) = reason(&status);
    assert_eq!(reason, "INVALID_EVENTS");
    assert_eq!(named, fields);
}
