//! What the store knows of a span: close to OTLP, smaller in memory.

mod id;

use std::{sync::Arc, time::Duration};

pub(crate) use id::{BadId, SpanId, TraceId};

use crate::intern::Text;

/// One timed operation. Times are in nanoseconds since 1970, as OTLP has them.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) trace_id: TraceId,
    pub(crate) id: SpanId,
    /// `None` for a root. The parent need not be in the store.
    pub(crate) parent: Option<SpanId>,
    pub(crate) name: Text,
    pub(crate) kind: SpanKind,
    /// The end, if the sender gave no start: the span is then a point in time.
    pub(crate) start: u64,
    pub(crate) has_start: bool,
    /// As it was sent: it may lie before `start`.
    pub(crate) end: u64,
    pub(crate) tags: Box<[Tag]>,
    pub(crate) events: Box<[Event]>,
    pub(crate) links: Box<[Link]>,
    pub(crate) status: Status,
    pub(crate) trace_state: Text,
    pub(crate) scope: Arc<Scope>,
    pub(crate) resource: Arc<Resource>,
    /// Bytes on the wire, with its share of the resource: what it counts against the limit.
    pub(crate) weight: usize,
}

/// Something that happened during a span.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) time: u64,
    pub(crate) name: Text,
    pub(crate) tags: Box<[Tag]>,
}

/// A span that caused this one without being its parent, often of another trace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// How the operation ended, in the words of its service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Unset,
    Ok,
    /// With a description, often empty.
    Error(Text),
}

impl Span {
    /// The time from start to end; zero when the end lies before the start.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_nanos(self.end.saturating_sub(self.start))
    }

    pub(crate) fn is_error(&self) -> bool {
        matches!(self.status, Status::Error(_))
    }

    pub(crate) fn service(&self) -> &Text {
        &self.resource.service
    }
}

/// The process that sent the spans.
#[derive(Debug, PartialEq)]
pub(crate) struct Resource {
    /// `service.name`, or `unknown_service` as the SDKs call it.
    pub(crate) service: Text,
    /// The other attributes.
    pub(crate) tags: Box<[Tag]>,
}

/// The library that made the spans. Empty texts mean unknown.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) name: Text,
    pub(crate) version: Text,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    pub(crate) key: Text,
    pub(crate) value: TagValue,
}

/// The types that the UI can show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TagValue {
    Text(Text),
    Bool(bool),
    Integer(i64),
    Float(f64),
    /// In base64.
    Bytes(Text),
    /// A list or a map, as JSON; bytes in it are in base64.
    Json(Text),
}

/// As OTLP has it; Jaeger writes it as the tag `span.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SpanKind {
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl SpanKind {
    /// The lowercase name; empty when the kind is unspecified.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }

    /// From a name in any case, as the parameters of Jaeger's API have it.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Internal,
            Self::Server,
            Self::Client,
            Self::Producer,
            Self::Consumer,
        ];
        let mut all = all.into_iter();
        if name.eq_ignore_ascii_case("unspecified") {
            return Some(Self::Unspecified);
        }
        all.find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// From the number on the wire; a number of a later version of OTLP is unspecified.
    pub(crate) fn from_number(number: i32) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }
}
