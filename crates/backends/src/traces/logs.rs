//! What the store knows of a log record.

use std::sync::Arc;

use super::model::{Resource, SpanId, Tag, TraceId};
use crate::intern::Text;

/// Something that was logged during a trace.
#[derive(Debug)]
pub(crate) struct LogRecord {
    pub(crate) trace_id: TraceId,
    /// `None` where the sender knew the trace and not the span. The span need not be in the store.
    pub(crate) span_id: Option<SpanId>,
    /// In nanoseconds since 1970.
    pub(crate) time: u64,
    /// As `WARN`.
    pub(crate) severity: Text,
    /// Which part of the program logged it: the name of its scope.
    pub(crate) target: Text,
    pub(crate) body: Text,
    pub(crate) tags: Box<[Tag]>,
    pub(crate) resource: Arc<Resource>,
    /// Bytes on the wire: what it counts against the limit.
    pub(crate) weight: usize,
}
