//! An event as a record: a `CloudEvent` in JSON, its context in headers.
//!
//! ```text
//!  key      the subject: the events of one user are in one partition
//!  headers  content-type, ce_id, traceparent, tracestate, baggage
//!  value    {"specversion":"1.0","id":"…","source":"…","type":"user.created","subject":"7","time":"…"}
//! ```
//!
//! Spec: [Kafka protocol binding][binding], structured content mode; a header of the binary mode may
//! be there too, so the id can be read without the value.
//!
//! [binding]: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md

use std::{
    borrow::Cow,
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use rskafka::{chrono::DateTime, record::Record};
use serde::{Deserialize, Serialize};
use tonic_telemetry::messaging::MessageHeaders;

use crate::Event;

const CONTENT_TYPE: (&str, &str) = ("content-type", "application/cloudevents+json");
const ID: &str = "ce_id";
const VERSION: &str = "1.0";

#[derive(Deserialize, Serialize)]
struct CloudEvent<'a> {
    specversion: Cow<'a, str>,
    id: Cow<'a, str>,
    source: Cow<'a, str>,
    r#type: Cow<'a, str>,
    subject: Cow<'a, str>,
    time: Cow<'a, str>,
}

/// The record of an event; `source` names the service that made it.
pub(super) fn record(event: &Event, source: &str) -> Record {
    let headers = &event.headers;
    let headers = [
        CONTENT_TYPE,
        (ID, &event.id),
        ("traceparent", &headers.traceparent),
        ("tracestate", &headers.tracestate),
        ("baggage", &headers.baggage),
    ];
    let present = headers.into_iter().filter(|(_, value)| !value.is_empty());
    Record {
        key: Some(event.subject.clone().into_bytes()),
        value: Some(value(event, source)),
        headers: present
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .collect(),
        timestamp: DateTime::from_timestamp_millis(event.created_at_ms).unwrap_or_default(),
    }
}

fn value(event: &Event, source: &str) -> Vec<u8> {
    let since_epoch = Duration::from_millis(event.created_at_ms.try_into().unwrap_or(0));
    let time = humantime::format_rfc3339_millis(UNIX_EPOCH + since_epoch);
    let event = CloudEvent {
        specversion: VERSION.into(),
        id: (&event.id).into(),
        source: source.into(),
        r#type: (&event.kind).into(),
        subject: (&event.subject).into(),
        time: time.to_string().into(),
    };
    serde_json::to_vec(&event).expect("texts are JSON")
}

/// The event of a record.
///
/// # Errors
/// Why it holds no event, for the table of dead letters. No values of the record.
pub(super) fn event(record: Record) -> Result<Event, String> {
    let value = record.value.ok_or("a record without a value")?;
    let event: CloudEvent<'_> = serde_json::from_slice(&value).map_err(|error| no_event(&error))?;
    if event.specversion != VERSION {
        return Err(format!("expected a CloudEvent of version {VERSION}"));
    }
    let time = humantime::parse_rfc3339(&event.time).ok();
    let since_epoch = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let since_epoch = since_epoch.ok_or("expected a time as 2024-01-01T00:00:00Z")?;
    Ok(Event {
        id: event.id.into_owned(),
        kind: event.r#type.into_owned(),
        subject: event.subject.into_owned(),
        created_at_ms: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
        headers: headers(record.headers),
    })
}

/// The place of the error alone: its words may hold a value.
fn no_event(error: &serde_json::Error) -> String {
    let what = if error.is_data() {
        "another type of JSON"
    } else {
        "no JSON"
    };
    format!(
        "expected a CloudEvent in JSON, found {what} at column {}",
        error.column()
    )
}

/// A header that is no UTF-8 is left out, as if it was not there.
fn headers(mut all: BTreeMap<String, Vec<u8>>) -> MessageHeaders {
    let mut take = |name: &str| {
        let value = all.remove(name).unwrap_or_default();
        String::from_utf8(value).unwrap_or_default()
    };
    MessageHeaders {
        traceparent: take("traceparent"),
        tracestate: take("tracestate"),
        baggage: take("baggage"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Event {
        Event {
            id: "a1".into(),
            kind: "user.created".into(),
            subject: "7".into(),
            created_at_ms: 1_704_067_200_123,
            headers: MessageHeaders {
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
                tracestate: String::new(),
                baggage: "tracewalk.fault=x".into(),
            },
        }
    }

    #[test]
    fn an_event_is_a_cloud_event_with_its_context_in_headers() {
        let record = record(&made(), "/user");
        assert_eq!(record.key.as_deref(), Some(&b"7"[..]));
        let names: Vec<_> = record.headers.keys().map(String::as_str).collect();
        assert_eq!(names, ["baggage", "ce_id", "content-type", "traceparent"]);
        let value: serde_json::Value =
            serde_json::from_slice(record.value.as_deref().expect("a value")).expect("JSON");
        let expected = serde_json::json!({
            "specversion": "1.0", "id": "a1", "source": "/user", "type": "user.created",
            "subject": "7", "time": "2024-01-01T00:00:00.123Z",
        });
        assert_eq!(value, expected);
        assert_eq!(event(record), Ok(made()));
    }

    #[test]
    fn a_record_of_others_is_refused_without_its_words() {
        let whole = r#"{"specversion":"1.0","id":"a","source":"/u","type":"t","subject":"7","time":"noon"}"#;
        for (value, reason) in [
            (None, "a record without a value"),
            (Some("secret"), "found no JSON at column 1"),
            (Some(r#"{"secret":1}"#), "found another type of JSON"),
            (Some("[]"), "found another type of JSON"),
            (Some(&whole.replace("1.0", "0.3")[..]), "version 1.0"),
            (Some(whole), "expected a time as"),
        ] {
            let foreign = Record {
                value: value.map(|it| it.as_bytes().to_vec()),
                ..record(&made(), "/user")
            };
            let found = event(foreign).expect_err(reason);
            assert!(found.contains(reason), "{found}");
            assert!(!found.contains("secret"), "{found}");
        }
    }
}
