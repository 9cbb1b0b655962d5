//! What the store knows of a span: close to OTLP, smaller in memory.

mod id;
mod kind;
mod origin;
mod tag;

use std::{sync::Arc, time::Duration};

pub(crate) use id::{BadId, SpanId, TraceId};
pub(crate) use kind::Kind;
pub(crate) use origin::{Resource, Scope};
pub(crate) use tag::{Tag, Value};

use crate::intern::Text;

/// One timed operation. Times are in nanoseconds since 1970, as OTLP has them.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) trace_id: TraceId,
    pub(crate) id: SpanId,
    /// `None` for a root. The parent need not be in the store.
    pub(crate) parent: Option<SpanId>,
    pub(crate) name: Text,
    pub(crate) kind: Kind,
    /// Where the sender gave no start it is the end, so that the span is a point in time.
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
