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
//! # How large the queue is
//!
//! Spans per second × seconds of outage to survive. A service of this repository ends two to three
//! spans a call; at 100 calls a second a restart of the collector that takes 10 s needs
//! 3 × 100 × 10 = 3,000. The default is 8,192, about 8 MiB when it is full and nothing when idle.

mod books;
mod closing;
mod destination;
mod endpoint;
mod failure;
mod foreign;
mod ledger;
mod limits;
mod logs;
mod otlp;
mod processor;
mod queue;
mod rejections;
mod thread;
mod traces;
mod worker;

pub(crate) use books::{Books, Names};
pub(crate) use destination::{Destination, Outcome, Verdict};
pub(crate) use endpoint::{Endpoint, Signal};
pub(crate) use foreign::Foreign;
pub use ledger::Ledger;
pub(crate) use limits::Limits;
pub(crate) use logs::OtlpLogs;
pub(crate) use otlp::OtlpClient;
pub(crate) use processor::SpanQueue;
pub(crate) use queue::Queue;
pub(crate) use thread::ExportThread;
pub(crate) use traces::OtlpTraces;
pub(crate) use worker::{Pace, Worker};
