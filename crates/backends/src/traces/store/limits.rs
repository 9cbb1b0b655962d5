//! How much a store holds.

/// Bounds of a [`TraceStore`](crate::TraceStore). Beyond them the oldest traces make room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Spans in all. Default 100,000: some 60 MB of spans as the demo makes them.
    pub max_spans: usize,
    /// Spans of one trace; further ones are rejected. Default 10,000, what the UI can draw.
    pub max_spans_per_trace: usize,
    /// Bytes in all, as the spans had them on the wire. Default 256 MiB: this limit is for spans
    /// with huge attributes, since 100,000 usual spans have a tenth of it.
    pub max_bytes: usize,
    /// Log records in all; beyond them the oldest make room. Default 50,000.
    pub max_log_records: usize,
    /// Bytes of log records in all, as they were on the wire. Default 64 MiB.
    pub max_log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_spans: 100_000,
            max_spans_per_trace: 10_000,
            max_bytes: 256 * 1024 * 1024,
            max_log_records: 50_000,
            max_log_bytes: 64 * 1024 * 1024,
        }
    }
}
