use std::borrow::Cow;
use std::collections::HashSet;

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

use super::{MessageHeaders, MessagingSpans};
use crate::conventions::MESSAGING_DESTINATION_PARTITION_ID;
use crate::{LogFormat, Options};

/// Runs something that makes spans, and returns them in the order of their end.
async fn spans(run: impl AsyncFnOnce(&MessagingSpans)) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let telemetry = Options::new("shop")
        .span_exporter(exporter.clone())
        .log_format(LogFormat::Off)
        .start()
        .expect("telemetry starts");
    run(&MessagingSpans::new(&telemetry, "outbox", "orders")).await;
    let flushed = telemetry.shutdown(std::time::Duration::from_secs(10)).await;
    flushed.expect("no span is lost");
    exporter.get_finished_spans().expect("the exporter works")
}

fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|it| it.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

fn attempt() -> Vec<KeyValue> {
    vec![KeyValue::new("shop.attempt", 2)]
}

async fn make(spans: &MessagingSpans, id: &str) -> MessageHeaders {
    let span = spans.create(id);
    let headers = span.headers();
    let made = span.run(async { Ok::<_, ()>(()) }, |()| "".into()).await;
    made.expect("no error");
    headers
}

fn error(name: &'static str) -> impl FnOnce(&&'static str) -> Cow<'static, str> {
    move |_| name.into()
}

/// Asserts what each span of a message has.
fn assert_conventions(span: &SpanData, operation: &'static str, kind: &SpanKind) {
    assert_eq!(span.name, format!("{operation} orders"));
    assert_eq!(&span.span_kind, kind);
    assert_eq!(span.status, Status::Unset);
    for (key, value) in [
        ("messaging.operation.type", operation),
        ("messaging.operation.name", operation),
        ("messaging.system", "outbox"),
        ("messaging.destination.name", "orders"),
    ] {
        assert_eq!(attribute(span, key), Some(value.into()), "{key}");
    }
}

/// The spans that a span has links to.
fn linked(span: &SpanData) -> Vec<SpanId> {
    let links = span.links.iter();
    links.map(|link| link.span_context.span_id()).collect()
}

#[tokio::test]
async fn a_batch_and_the_work_for_a_message_link_to_where_messages_were_made() {
    let spans = spans(async |spans| {
        let made = [make(spans, "1").await, make(spans, "2").await];
        let sent = spans
            .send(made.iter())
            .run(async { Ok(()) }, error(""))
            .await;
        sent.expect("no error");
        let partition = vec![KeyValue::new(MESSAGING_DESTINATION_PARTITION_ID, "2")];
        let received = spans.receive(made.iter(), partition);
        let received = received.run(async { Ok(()) }, error("")).await;
        received.expect("no error");
        let work = async { Ok(()) };
        let handled = spans.process("2", &made[1], attempt()).run(work, error(""));
        handled.await.expect("no error");
    })
    .await;

    let [first, second, send, receive, process] = spans.as_slice() else {
        panic!("{spans:?}")
    };
    assert_conventions(first, "create", &SpanKind::Producer);
    assert_conventions(send, "send", &SpanKind::Client);
    assert_conventions(receive, "receive", &SpanKind::Client);
    assert_conventions(process, "process", &SpanKind::Consumer);
    let made = [first, second].map(|span| span.span_context.span_id());
    assert_eq!(linked(send), made);
    assert_eq!(linked(receive), made);
    assert_eq!(linked(process), made[1..]);
    for span in [send, receive] {
        let count = attribute(span, "messaging.batch.message_count");
        assert_eq!(count, Some(Value::I64(2)), "{}", span.name);
    }
    let partition = attribute(receive, "messaging.destination.partition.id");
    assert_eq!(partition, Some("2".into()));
    assert_eq!(attribute(process, "messaging.message.id"), Some("2".into()));
    assert_eq!(attribute(process, "shop.attempt"), Some(Value::I64(2)));
    let traces = spans.iter().map(|span| span.span_context.trace_id());
    let traces: HashSet<_> = traces.collect();
    assert_eq!(traces.len(), 5, "each has a trace of its own");
}

#[tokio::test]
async fn work_that_fails_or_is_dropped_says_so_and_a_message_without_headers_has_no_link() {
    let spans = spans(async |spans| {
        let headers = MessageHeaders::default();
        let work = async { Err::<(), _>("full") };
        let failed = spans
            .process("1", &headers, attempt())
            .run(work, error("FULL"));
        assert_eq!(failed.await, Err("full"));
        drop(spans.process("1", &headers, attempt()));
    })
    .await;

    let types: Vec<_> = spans
        .iter()
        .map(|span| attribute(span, "error.type"))
        .collect();
    assert_eq!(types, [Some("FULL".into()), Some("cancelled".into())]);
    for span in &spans {
        assert_eq!(span.status, Status::error(""));
        assert_eq!(span.links.iter().count(), 0);
    }
}
