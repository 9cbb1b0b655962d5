//! Ended spans on their way to the collector, and the ledger that counts every one of them.
//!
//! ```text
//!  span ends ──► SpanQueue ──► Queue (bounded) ──► Worker (own thread) ──► Destination ──► collector
//!                               │ full: dropped      │ retries, gives up
//!                               ▼                    ▼
//!                 Ledger: started = exported + failed + dropped + queued
//! ```
//!
//! The request path pays for one push under a mutex. Whatever the collector does (absent, hung,
//! slow, refusing), it can only fill the queue, and a full queue drops the newest spans.
//!
//! Spans and log records share all of it. By gRPC an [`OtlpClient`] sends them, a batch a call, and
//! reads the status and its details itself; the [`Worker`] alone tries again. By HTTP the exporter of
//! `opentelemetry-otlp` sends spans, with a client of ours that keeps the answer.
//!
//! # How large the queue is
//!
//! Spans a second × seconds: of the outage to survive, of the pause before the next attempt (2.4 s at
//! the longest), and of the wait for a full batch before it (0.5 s). The user service ends four spans
//! a call, the others two or three; at 100 calls a second a restart of the collector that takes 10 s
//! needs 4 × 100 × 12.9 = 5,160. The default of `OTEL_BSP_MAX_QUEUE_SIZE` is 8,192, about 8 MiB when it
//! is full and nothing when idle.

mod books;
mod closing;
mod destination;
pub(crate) mod endpoint;
mod foreign;
mod http;
mod ledger;
mod limits;
mod logs;
mod otlp;
mod processor;
mod queue;
mod spans;
#[cfg(test)]
mod tests;
mod thread;
mod worker;

pub(crate) use books::{Books, Names};
pub(crate) use destination::{Destination, Outcome, Verdict};
pub(crate) use endpoint::{Address, RequestOptions};
pub(crate) use foreign::Foreign;
pub(crate) use http::{Answer, http_exporter};
pub use ledger::Ledger;
pub(crate) use limits::Limits;
pub(crate) use otlp::{OtlpClient, OtlpItem};
pub(crate) use processor::SpanQueue;
pub(crate) use queue::Queue;
pub(crate) use thread::ExportThread;
pub(crate) use worker::{Pace, Worker};
