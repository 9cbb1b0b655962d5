//! What is encoded here reads as the conversion of `opentelemetry-proto` has it.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use proptest::prelude::*;

use super::*;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        (-1e9..1e9).prop_map(Value::F64),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<i64>(), 0..3).prop_map(|it| Value::Array(Array::I64(it))),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let attribute = ("[a-z.]{1,12}", value());
    let attribute = attribute.prop_map(|(key, value)| KeyValue::new(key, value));
    prop::collection::vec(attribute, 0..6)
}

fn time() -> impl Strategy<Value = SystemTime> {
    (0_u64..4_000_000_000_000_000_000)
        .prop_map(|it| SystemTime::UNIX_EPOCH + Duration::from_nanos(it))
}

fn context() -> impl Strategy<Value = SpanContext> {
    let parts = (any::<u128>(), any::<u64>(), any::<bool>(), any::<bool>());
    parts.prop_map(|(trace_id, span_id, remote, named)| {
        let entries = named.then_some(("tenant", "1"));
        SpanContext::new(
            TraceId::from(trace_id),
            SpanId::from(span_id),
            TraceFlags::SAMPLED,
            remote,
            TraceState::from_key_value(entries).expect("an entry that is allowed"),
        )
    })
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        any::<String>().prop_map(Status::error),
    ]
}

fn kind() -> impl Strategy<Value = SpanKind> {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    prop::sample::select(vec![Client, Server, Internal, Producer, Consumer])
}

fn scope() -> impl Strategy<Value = InstrumentationScope> {
    prop::sample::select(vec!["one", "other"]).prop_map(|name| {
        let scope = InstrumentationScope::builder(name).with_version("1");
        scope.with_schema_url("https://example.org").build()
    })
}

prop_compose! {
    fn span()(
        span_context in context(), link in prop::option::of(context()), parent in any::<Option<u64>>(),
        parent_span_is_remote in any::<bool>(), span_kind in kind(), name in any::<String>(),
        start_time in time(), end_time in time(), attributes in attributes(),
        event in prop::option::of((any::<String>(), time(), self::attributes())),
        dropped in any::<[u32; 3]>(), status in status(), instrumentation_scope in scope(),
    ) -> SpanData {
        let mut events = SpanEvents::default();
        events.events.extend(event.map(|(name, at, it)| Event::new(name, at, it, dropped[0])));
        events.dropped_count = dropped[1];
        let mut links = SpanLinks::default();
        links.links.extend(link.map(|it| Link::new(it, vec![KeyValue::new("k", 1)], dropped[2])));
        links.dropped_count = dropped[2];
        SpanData {
            span_context,
            parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote,
            span_kind,
            name: Cow::Owned(name),
            start_time,
            end_time,
            attributes,
            dropped_attributes_count: dropped[0],
            events,
            links,
            status,
            instrumentation_scope,
        }
    }
}

/// The spans of a batch with their scopes, in an order that does not depend on the grouping.
fn spans_of(resource_spans: &[ResourceSpans]) -> Vec<(String, Vec<u8>)> {
    let scopes = resource_spans.iter().flat_map(|it| &it.scope_spans);
    let spans = scopes.flat_map(|scope| {
        let name = format!("{:?} {}", scope.scope, scope.schema_url);
        scope
            .spans
            .iter()
            .map(move |it| (name.clone(), it.encode_to_vec()))
    });
    let mut spans: Vec<_> = spans.collect();
    spans.sort();
    spans
}

fn push(queue: &mut EncodedSpans, encoder: &mut Encoder, span: &SpanData) {
    queue.push(EncodedSpan {
        scope: &span.instrumentation_scope,
        bytes: encoder.encode(span),
    });
}

proptest! {
    #[test]
    fn a_batch_reads_as_opentelemetry_proto_would_have_written_it(
        spans in prop::collection::vec(span(), 1..9),
    ) {
        let resource = Resource::builder_empty()
            .with_schema_url([KeyValue::new("service.name", "user")], "https://example.org/r")
            .build();
        let resource = ResourceAttributesWithSchema::from(&resource);
        let (mut queue, mut encoder) = (EncodedSpans::new(spans.len()), Encoder::default());
        for span in &spans {
            push(&mut queue, &mut encoder, span);
        }

        let (batch, count) = queue.take();
        prop_assert!(batch.pieces.len() <= 2, "spans of a few bytes fill one piece a scope");
        let written = ResourceSpans::decode(batch.encode(&resource)).expect("a message");
        let expected = group_spans_by_resource_and_scope(spans.clone(), &resource);
        prop_assert_eq!(count, spans.len());
        prop_assert_eq!(&written.resource, &expected[0].resource);
        prop_assert_eq!(&written.schema_url, &expected[0].schema_url);
        prop_assert_eq!(written.scope_spans.len(), expected[0].scope_spans.len());
        prop_assert_eq!(spans_of(&[written]), spans_of(&expected));
    }
}
