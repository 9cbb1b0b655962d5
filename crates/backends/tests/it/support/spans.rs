//! Spans in OTLP, made by hand.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status,
        span::{Event, Link, SpanKind},
        status::StatusCode,
    },
};

/// Nanoseconds since 1970.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    u64::try_from(now.as_nanos()).expect("it is before 2554")
}

/// A root span of one millisecond, a second ago. Change what matters with struct update syntax.
pub(crate) fn span(trace: u128, id: u64) -> Span {
    let start = now() - 1_000_000_000;
    Span {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        name: "work".to_owned(),
        kind: SpanKind::Internal.into(),
        start_time_unix_nano: start,
        end_time_unix_nano: start + 1_000_000,
        ..Span::default()
    }
}

pub(crate) fn child_of(parent: u64, span: Span) -> Span {
    Span {
        parent_span_id: parent.to_be_bytes().to_vec(),
        ..span
    }
}

/// The span, with this duration from its start.
pub(crate) fn lasting(duration: Duration, span: Span) -> Span {
    let nanos = u64::try_from(duration.as_nanos()).expect("the duration fits");
    Span {
        end_time_unix_nano: span.start_time_unix_nano + nanos,
        ..span
    }
}

pub(crate) fn failed(message: &str, span: Span) -> Span {
    let status = Status {
        code: StatusCode::Error.into(),
        message: message.to_owned(),
    };
    Span {
        status: Some(status),
        ..span
    }
}

/// The spans as the service `name` exports them.
pub(crate) fn service(name: &str, spans: Vec<Span>) -> ResourceSpans {
    let scope = InstrumentationScope {
        name: "by hand".to_owned(),
        version: "1.2".to_owned(),
        ..InstrumentationScope::default()
    };
    ResourceSpans {
        resource: Some(Resource {
            attributes: vec![text("service.name", name)],
            ..Resource::default()
        }),
        scope_spans: vec![ScopeSpans {
            scope: Some(scope),
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    }
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, any_value::Value::StringValue(value.to_owned()))
}

pub(crate) fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

pub(crate) fn event(name: &str, time: u64) -> Event {
    Event {
        name: name.to_owned(),
        time_unix_nano: time,
        ..Event::default()
    }
}

pub(crate) fn link(trace: u128, id: u64) -> Link {
    Link {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        ..Link::default()
    }
}

/// One call through gateway, user and profile, as the three services export it: five spans.
pub(crate) fn call(trace: u128, start: u64, fails: bool) -> Vec<ResourceSpans> {
    // No two calls take the same time.
    let unit = 100_000 + u64::try_from(trace % 7).expect("it is small") * 13_000;
    let hop = |id: u64, kind: SpanKind, name: &str, from: u64, to: u64| Span {
        kind: kind.into(),
        name: name.to_owned(),
        start_time_unix_nano: start + from * unit,
        end_time_unix_nano: start + to * unit,
        attributes: vec![text("rpc.system.name", "grpc")],
        ..span(trace, id)
    };
    let mut last = child_of(4, hop(5, SpanKind::Server, "profile.v1/GetProfile", 30, 55));
    last.events = vec![event("cache miss", start + 35 * unit)];
    if fails {
        last = failed("no such profile", last);
    }
    vec![
        service(
            "gateway",
            vec![
                hop(1, SpanKind::Server, "gateway.v1/GetUser", 0, 90),
                child_of(1, hop(2, SpanKind::Client, "user.v1/GetUser", 10, 80)),
            ],
        ),
        service(
            "user",
            vec![
                child_of(2, hop(3, SpanKind::Server, "user.v1/GetUser", 15, 75)),
                child_of(3, hop(4, SpanKind::Client, "profile.v1/GetProfile", 25, 60)),
            ],
        ),
        service("profile", vec![last]),
    ]
}
