use std::sync::Arc;
use std::time::{Duration, Instant};

use grpc_wire::Methods;
use opentelemetry::global;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

use super::ShutdownError;
use super::page::PageAddress;
use super::pipelines::{LogPipeline, SpanPipeline};
use super::propagators::Shared;
use crate::Propagator;
use crate::logs::{LogFilter, LogLayer};
use crate::metrics::Registry;
use crate::queue::Ledger;
use crate::spans;

/// The running telemetry of a service: a value, made in `main` and handed to what needs it.
///
/// Shut it down at the end. If it is dropped instead, queued spans are sent in the background, as
/// long as the process lives.
#[derive(Debug)]
pub struct Telemetry {
    pub(super) provider: SdkTracerProvider,
    pub(super) tracer: SdkTracer,
    pub(super) metrics: Registry,
    pub(super) spans: SpanPipeline,
    /// `None` unless the environment asks for log records.
    pub(super) logs: Option<LogPipeline>,
    pub(super) log: LogLayer,
    pub(super) log_filter: LogFilter,
    pub(super) span_levels: Targets,
    pub(super) propagator: Propagator,
    pub(super) methods: Methods,
    /// `None` where [`serve`](Telemetry::serve) opens no page.
    pub(super) page: Option<PageAddress>,
    pub(super) grace: Duration,
}

impl Telemetry {
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

    /// A layer that exports the spans of `tracing`, for a subscriber of the program's own; it
    /// brings its filter along.
    ///
    /// It also makes the SERVER span of a call the current span of `tracing` in its handler. There
    /// is an example at [`Options::start`]; [`Options::span_levels`] is the filter.
    ///
    /// [`Options::start`]: crate::Options::start
    /// [`Options::span_levels`]: crate::Options::span_levels
    #[must_use]
    pub fn span_layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        spans::layer(self.tracer.clone(), self.span_levels.clone())
    }

    /// A layer that writes log lines, by default as [`LogFormat::Auto`](crate::LogFormat::Auto) says,
    /// and exports log records where the environment asks for them; with the filter of `RUST_LOG`.
    #[must_use]
    pub fn log_layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        self.log.clone().with_filter(self.log_filter.make())
    }

    /// Both layers as a subscriber: what [`init`](crate::init) installs, and a test uses for itself.
    #[must_use]
    pub fn subscriber(&self) -> Dispatch {
        let registry = tracing_subscriber::registry().with(self.log_layer());
        registry.with(self.span_layer()).into()
    }

    /// Makes the tracer provider and the propagator those of `opentelemetry::global`, for
    /// libraries that look there. [`Options::init`](crate::Options::init) does so.
    pub fn set_globals(&self) {
        global::set_text_map_propagator(Shared(Arc::clone(&self.propagator)));
        global::set_tracer_provider(self.provider.clone());
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
    /// [`ShutdownError::Lost`] where spans were lost since this was called. Earlier losses are in
    /// the ledger, and no error here.
    pub async fn shutdown(self, grace: Duration) -> Result<Ledger, ShutdownError> {
        // On a thread for blocking work, so that a runtime with one thread goes on with its tasks.
        let subscriber = tracing::dispatcher::get_default(Clone::clone);
        let shutdown = tokio::task::spawn_blocking(move || self.shut_down(grace, &subscriber));
        shutdown.await.map_err(|_| ShutdownError::Runtime)?
    }

    fn shut_down(self, grace: Duration, log: &Dispatch) -> Result<Ledger, ShutdownError> {
        let begun = Instant::now();
        let lost_before = self.ledger().lost();
        tracing::dispatcher::with_default(log, || {
            let ledger = self.spans.finish(grace);
            let lost = ledger.lost() - lost_before;
            log_ledger(&ledger, lost);
            // Log records are sent last, so that the collector gets the line with the ledger too.
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

/// Sends queued records. The line that says how many were lost goes to standard output only.
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
