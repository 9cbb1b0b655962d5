//! Properties that hold for any spans at all: anybody can send spans to the receiver.

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span::Link},
};
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    prop_assert, prop_assert_eq, proptest,
};
use serde_json::Value as Json;

use super::JaegerTrace;
use crate::traces::{
    model::SpanKind,
    otlp,
    store::{Limits, TraceStore},
};

/// Few ids, so that spans are each other's parents, links and doubles.
fn id() -> impl Strategy<Value = Vec<u8>> {
    (0_u8..8).prop_map(|id| vec![0, 0, 0, 0, 0, 0, 0, id])
}

fn trace_id() -> impl Strategy<Value = Vec<u8>> {
    (0_u8..3).prop_map(|id| [vec![0; 15], vec![id]].concat())
}

fn attribute() -> impl Strategy<Value = KeyValue> {
    let value = prop_oneof![
        any::<String>().prop_map(any_value::Value::StringValue),
        any::<i64>().prop_map(any_value::Value::IntValue),
        any::<f64>().prop_map(any_value::Value::DoubleValue),
        any::<bool>().prop_map(any_value::Value::BoolValue),
    ];
    ("[a-z.]{0,6}", option::of(value)).prop_map(|(key, value)| KeyValue {
        key,
        value: Some(AnyValue { value }),
        ..KeyValue::default()
    })
}

fn span() -> impl Strategy<Value = Span> {
    let parent = prop_oneof![Just(Vec::new()), id(), vec(any::<u8>(), 0..10)];
    let link = (trace_id(), id()).prop_map(|(trace_id, span_id)| Link {
        trace_id,
        span_id,
        ..Link::default()
    });
    let times = (any::<u64>(), any::<u64>());
    // Most kinds are known, so that some ids are shared by a client and its server.
    let number = prop_oneof![0..6, any::<i32>()];
    let rest = (vec(attribute(), 0..4), vec(link, 0..3), number);
    (trace_id(), id(), parent, times, rest).prop_map(|(trace_id, span_id, parent, times, rest)| {
        let (attributes, links, number) = rest;
        Span {
            trace_id,
            span_id,
            parent_span_id: parent,
            start_time_unix_nano: times.0,
            end_time_unix_nano: times.1,
            kind: number,
            status: Some(Status {
                code: number % 4,
                message: String::new(),
            }),
            attributes,
            links,
            ..Span::default()
        }
    })
}

fn shown(spans: &[Span]) -> Vec<Json> {
    let store = TraceStore::new(Limits::default());
    let batch = ResourceSpans {
        scope_spans: vec![ScopeSpans {
            spans: spans.to_vec(),
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    };
    otlp::insert(&store, vec![batch]);
    let traces = store.snapshot().into_iter();
    traces
        .map(|trace| serde_json::to_value(JaegerTrace::adjusted(&trace)).expect("a trace is JSON"))
        .collect()
}

/// How many spans the UI reaches from the roots. A span hangs below its first reference that is
/// in the trace.
fn drawn(spans: &[Json]) -> usize {
    let ids: BTreeSet<_> = spans
        .iter()
        .map(|span| &span["spanID"])
        .map(Json::as_str)
        .collect();
    let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for span in spans {
        let references = span["references"].as_array().into_iter().flatten();
        let mut parents = references.map(|reference| reference["spanID"].as_str());
        let parent = parents.find(|parent| ids.contains(parent)).flatten();
        children
            .entry(parent)
            .or_default()
            .push(span["spanID"].as_str());
    }
    let mut reached = 0;
    let mut next = children.remove(&None).unwrap_or_default();
    while let Some(span) = next.pop() {
        next.extend(children.remove(&span).unwrap_or_default());
        reached += 1;
    }
    reached
}

proptest! {
    #[test]
    fn every_good_span_is_shown_once_and_can_be_drawn(spans in vec(span(), 0..24)) {
        let good = spans.iter().filter(|span| {
            let has_good_parent = matches!(span.parent_span_id.len(), 0 | 8);
            has_good_parent && span.trace_id[15] != 0 && span.span_id[7] != 0
        });
        let good: BTreeSet<_> = good
            .map(|span| (&span.trace_id, &span.span_id, SpanKind::from_number(span.kind)))
            .collect();
        let mut found = 0;
        for trace in shown(&spans) {
            let spans = trace["spans"].as_array().expect("spans are a list");
            prop_assert_eq!(drawn(spans), spans.len());
            let ids: BTreeSet<_> = spans.iter().map(|span| span["spanID"].as_str()).collect();
            prop_assert_eq!(ids.len(), spans.len());
            found += spans.len();
        }
        prop_assert_eq!(found, good.len());
    }

    #[test]
    fn every_span_has_a_start_and_a_process(spans in vec(span(), 1..12)) {
        for trace in shown(&spans) {
            for span in trace["spans"].as_array().expect("spans are a list") {
                prop_assert!(span["startTime"].as_u64() > Some(0));
                prop_assert!(span["duration"].is_u64());
                let process = span["processID"].as_str().expect("a process has a name");
                prop_assert!(trace["processes"][process]["serviceName"].is_string());
                for tag in span["tags"].as_array().expect("tags are a list") {
                    prop_assert!(!tag["value"].is_null(), "{}", tag);
                }
            }
        }
    }
}
