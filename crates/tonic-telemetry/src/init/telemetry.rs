use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Dispatch;

use super::ShutdownError;
use super::pipelines::{LogPipeline, SpanPipeline};
use crate::Propagator;
use crate::client_layer::{Peer, TraceClientLayer};
use crate::metrics::Registry;
use crate::queue::Ledger;
use crate::server_layer::TraceServerLayer;
use grpc_wire::Methods;

/// The running telemetry of a service: a value, made in `main` and handed to what needs it.
///
/// Shut it down at the end: dropped, it sends what is queued in the background, if the process
/// lives long enough.
#[derive(Debug)]
pub struct Telemetry {
    pub(super) provider: SdkTracerProvider,
    pub(super) tracer: SdkTracer,
    pub(super) metrics: Registry,
    pub(super) spans: SpanPipeline,
    /// `None` unless the environment asks for log records.
    pub(super) logs: Option<LogPipeline>,
    pub(super) dispatch: Dispatch,
    pub(super) propagator: Propagator,
}

impl Telemetry {
    /// Traces and measures the calls of these methods that a server answers.
    #[must_use]
    pub fn server_layer(&self, methods: &Methods) -> TraceServerLayer {
        TraceServerLayer::new(self.tracer.clone(), &self.metrics, methods)
            .propagator(Arc::clone(&self.propagator))
    }

    /// Traces and measures the calls of these methods that a client makes to `peer`.
    #[must_use]
    pub fn client_layer(&self, methods: &Methods, peer: Peer) -> TraceClientLayer {
        TraceClientLayer::new(self.tracer.clone(), &self.metrics, methods, peer)
            .propagator(Arc::clone(&self.propagator))
    }

    /// Makes spans.
    #[must_use]
    pub fn tracer(&self) -> &SdkTracer {
        &self.tracer
    }

    /// The metrics of this service, with the ledger among them.
    #[must_use]
    pub fn metrics(&self) -> &Registry {
        &self.metrics
    }

    /// The subscriber of `tracing`, for a test that did not make it the global one.
    #[must_use]
    pub fn dispatch(&self) -> &Dispatch {
        &self.dispatch
    }

    /// How a context goes in and out of requests: the layers of this telemetry use it.
    #[must_use]
    pub fn propagator(&self) -> &Propagator {
        &self.propagator
    }

    /// Where every span of this process is at this moment.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.spans.spans.ledger()
    }

    /// Where every log record for the collector is; all zero where none are exported.
    #[must_use]
    pub fn log_ledger(&self) -> Ledger {
        self.logs
            .as_ref()
            .map(|logs| logs.reader()())
            .unwrap_or_default()
    }

    /// Sends what is queued, writes the ledger as one last log line, and returns it.
    ///
    /// Ends within `grace`: earlier where the collector does not answer for 5 s or refuses for 1 s.
    /// Spans that end afterwards are counted as dropped. Works on every kind of runtime.
    ///
    /// # Errors
    ///
    /// [`ShutdownError::Lost`] where spans were lost since this was called. What was lost before
    /// is in the ledger, and no news.
    pub async fn shutdown(self, grace: Duration) -> Result<Ledger, ShutdownError> {
        // On a thread for blocking work: a runtime with one thread goes on with its tasks.
        let shutdown = tokio::task::spawn_blocking(move || self.shut_down(grace));
        shutdown.await.map_err(|_| ShutdownError::Runtime)?
    }

    fn shut_down(self, grace: Duration) -> Result<Ledger, ShutdownError> {
        let begun = Instant::now();
        let lost_before = self.ledger().lost();
        tracing::dispatcher::with_default(&self.dispatch, || {
            let ledger = self.spans.finish(grace);
            let lost = ledger.lost() - lost_before;
            log_ledger(&ledger, lost);
            // After the last log line that the collector can have.
            if let Some(logs) = self.logs {
                finish_logs(logs, grace.saturating_sub(begun.elapsed()));
            }
            // Its only processor is closed already.
            drop(self.provider.shutdown());
            match lost {
                0 => Ok(ledger),
                _ => Err(ShutdownError::Lost {
                    lost,
                    ledger: Box::new(ledger),
                }),
            }
        })
    }
}

/// Sends what is queued; a line on standard output alone says how many records were lost by it.
fn finish_logs(logs: LogPipeline, grace: Duration) {
    let lost = logs.reader();
    let lost = move || lost().lost();
    let before = lost();
    logs.finish(grace);
    let lost = lost() - before;
    if lost > 0 {
        tracing::warn!(
            log_records_lost = lost,
            "log records lost in the shutdown; their lines were written"
        );
    }
}

/// Writes the last line: a warning where spans were `lost` in the shutdown.
fn log_ledger(ledger: &Ledger, lost: u64) {
    // The level of an event is part of its call site.
    macro_rules! log_counts {
        ($level:ident, $($further:tt)*) => {
            tracing::$level!(
                started = ledger.started,
                exported = ledger.exported,
                failed = ledger.failed_total(),
                dropped = ledger.dropped_total(),
                queued = ledger.queued,
                live = ledger.live,
                $($further)*
            )
        };
    }
    if lost == 0 {
        log_counts!(info, "span ledger: {ledger}");
    } else {
        log_counts!(
            warn,
            lost,
            "spans lost in the shutdown; span ledger: {ledger}"
        );
    }
}
