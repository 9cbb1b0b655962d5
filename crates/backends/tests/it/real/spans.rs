//! The spans that both servers get.

use std::time::Duration;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, Span, Status, span::SpanKind, status::StatusCode},
};

use crate::support::spans::{
    attribute, call, child_of, event, failed, lasting, link, service, span, text,
};

/// Trace ids are as long as those of SDKs.
pub(super) const ID: u128 = 0xF00D_0000_0000_0000_0000_0000_0000_0000;

/// Traces 1 to 6 are calls through three services; those after them have what an SDK may send.
pub(crate) fn spans(start: u64) -> Vec<Vec<ResourceSpans>> {
    let calls = (1..=6_u64).map(|number| {
        call(
            ID + u128::from(number),
            start + number * 1_000_000,
            number % 3 == 0,
        )
    });
    let at = |span: Span| Span {
        start_time_unix_nano: start,
        end_time_unix_nano: start + 5_000_000,
        ..span
    };
    let mut odd: Vec<_> = kinds()
        .into_iter()
        .map(|span| vec![service("kinds", vec![at(span)])])
        .collect();
    odd.push(vec![service("values", vec![at(values(start))])]);
    odd.push(vec![service(
        "orphans",
        vec![at(child_of(99, span(ID + 0x40, 7))), at(span(ID + 0x40, 8))],
    )]);
    odd.push(shared(start));
    odd.push(resources(at(span(ID + 0x42, 1)), at(span(ID + 0x42, 2))));
    let twice = service("twice", vec![at(span(ID + 0x43, 1))]);
    odd.extend([vec![twice.clone()], vec![twice]]);
    let long = lasting(Duration::from_millis(1500), at(span(ID + 0x44, 1)));
    let none = lasting(Duration::ZERO, at(span(ID + 0x44, 2)));
    odd.push(vec![service("durations", vec![long, none])]);
    odd.push(vec![service(
        "self",
        vec![at(span(ID + 0x45, 1)), at(child_of(1, span(ID + 0x45, 2)))],
    )]);
    calls.chain(odd).collect()
}

/// A span of each kind and status.
fn kinds() -> Vec<Span> {
    let kinds = [
        SpanKind::Unspecified,
        SpanKind::Internal,
        SpanKind::Server,
        SpanKind::Client,
        SpanKind::Producer,
        SpanKind::Consumer,
    ];
    let kinds = (ID + 0x20..).zip(kinds).map(|(trace, kind)| Span {
        kind: kind.into(),
        name: format!("work as {kind:?}"),
        ..span(trace, 1)
    });
    let fine = Status {
        code: StatusCode::Ok.into(),
        message: "ignored".to_owned(),
    };
    let fine = Span {
        status: Some(fine),
        ..span(ID + 0x26, 1)
    };
    let failure = failed("it broke", span(ID + 0x27, 1));
    let silent = failed("", span(ID + 0x28, 1));
    kinds.chain([fine, failure, silent]).collect()
}

/// Attributes of all types, events, links and a trace state.
fn values(start: u64) -> Span {
    let mut later = event("later", start + 2_000_000);
    later.attributes = vec![
        text("exception.message", "a\nb"),
        attribute("n", Value::IntValue(-3)),
    ];
    let nameless = event("", start + 1_000_000);
    let mut linked = link(0x77, 0x88);
    linked.attributes = vec![text("why", "because")];
    "x=y".clone_into(&mut linked.trace_state);
    Span {
        trace_state: "vendor=1,other=2".to_owned(),
        attributes: attributes(),
        events: vec![event("first", start), nameless, later],
        links: vec![link(ID + 0x40, 7), linked],
        ..span(ID + 0x30, 1)
    }
}

/// One of each type.
fn attributes() -> Vec<KeyValue> {
    let any = |value| AnyValue { value };
    let list = ArrayValue {
        values: vec![
            any(Some(Value::IntValue(1))),
            any(Some(Value::StringValue("a".to_owned()))),
            any(None),
        ],
    };
    let map = KeyValueList {
        values: vec![text("b", "c"), attribute("d", Value::BoolValue(true))],
    };
    vec![
        text("text", "\u{e4}\u{20ac}\"<>&"),
        text("empty", ""),
        attribute("yes", Value::BoolValue(true)),
        attribute("int", Value::IntValue(i64::MAX)),
        attribute("minus", Value::IntValue(-1)),
        attribute("double", Value::DoubleValue(1.5)),
        attribute("whole", Value::DoubleValue(3.0)),
        attribute("tiny", Value::DoubleValue(1e-9)),
        attribute("large", Value::DoubleValue(1e21)),
        attribute("bytes", Value::BytesValue(vec![0, 1, 255])),
        attribute("list", Value::ArrayValue(list)),
        attribute("map", Value::KvlistValue(map)),
        attribute("http.status_code", Value::IntValue(404)),
    ]
}

/// A client and a server with one span id, as Zipkin's libraries make them.
fn shared(start: u64) -> Vec<ResourceSpans> {
    let side = |kind: SpanKind, from: u64, to: u64| Span {
        kind: kind.into(),
        start_time_unix_nano: start + from,
        end_time_unix_nano: start + to,
        ..span(ID + 0x41, 5)
    };
    let client = side(SpanKind::Client, 0, 9_000_000);
    let server = side(SpanKind::Server, 1_000_000, 8_000_000);
    let inner = child_of(
        5,
        Span {
            name: "inner".to_owned(),
            ..side(SpanKind::Internal, 2_000_000, 3_000_000)
        },
    );
    let inner = Span {
        span_id: 6_u64.to_be_bytes().to_vec(),
        ..inner
    };
    vec![
        service("caller", vec![client]),
        service("callee", vec![server, inner]),
    ]
}

/// Resources without a name, with more attributes, and without any.
fn resources(first: Span, second: Span) -> Vec<ResourceSpans> {
    let mut named = service("resources", vec![first]);
    let resource = named.resource.get_or_insert_default();
    resource.attributes.extend([
        text("service.version", "1"),
        attribute("cpus", Value::IntValue(2)),
        text("host.name", "h"),
    ]);
    let mut nameless = service("", vec![second]);
    nameless.resource = Some(Resource::default());
    vec![named, nameless]
}
