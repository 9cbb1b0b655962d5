use std::io;

use crate::queue::Ledger;

/// Why telemetry did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// An environment variable holds something that is not understood.
    #[error("{name} is `{value}`, expected {expected}")]
    Variable {
        /// Name of the variable.
        name: String,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// The operating system has no thread for the exporter.
    #[error("cannot start the export thread")]
    Thread(#[source] io::Error),
    /// A metric of ours is refused by the registry.
    #[error("cannot register the telemetry's own metrics")]
    Metrics(#[source] prometheus::Error),
    /// This process has a `tracing` subscriber or a `log` logger already.
    #[error(
        "this process has a tracing subscriber already: start telemetry by `Options::start`, and give \
         `Telemetry::span_layer` and `Telemetry::log_layer` to that subscriber"
    )]
    Subscriber(#[source] tracing_subscriber::util::TryInitError),
}

/// Why the last spans did not arrive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShutdownError {
    /// Spans that were still queued could not be delivered within the grace.
    #[error("{lost} spans were lost in the shutdown: {ledger}")]
    Lost {
        /// How many.
        lost: u64,
        /// The last counts.
        ledger: Box<Ledger>,
    },
    /// The runtime was going away while telemetry was shut down.
    #[error("the runtime ended before telemetry was shut down")]
    Runtime,
}
