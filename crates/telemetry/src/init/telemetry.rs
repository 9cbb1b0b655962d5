use std::sync::Arc;
use std::time::Duration;

use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, SpanData};
use tracing::Dispatch;
use tracing_subscriber::util::SubscriberInitExt;

use super::{InitError, Options, ShutdownError, Variables, resource, sampler, subscriber};
use crate::Propagator;
use crate::conventions::instrumentation_scope;
use crate::export::{
    Books, Endpoint, ExportThread, Ledger, Limits, OtlpClient, OtlpTraces, Pace, Queue, Signal,
    SpanQueue,
};
use crate::logs::Lines;
use crate::metrics::Registry;
use crate::propagation::{BaggagePropagator, W3cPropagator};
use crate::rpc::Methods;
use crate::trace_client::{Peer, TraceClientLayer};
use crate::trace_server::TraceServerLayer;

/// The running telemetry of a service: a value, made in `main` and handed to what needs it.
///
/// Shut it down at the end: dropped, it sends what is queued in the background, if the process
/// lives long enough.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    metrics: Registry,
    spans: SpanQueue,
    /// `None` where the environment switched spans off.
    thread: Option<ExportThread>,
    dispatch: Dispatch,
    propagator: Propagator,
}

impl Telemetry {
    pub(super) fn start(options: Options) -> Result<Self, InitError> {
        let variables = &options.variables;
        let resource = resource::describe(&options.identity, variables)?;
        let queue = Arc::new(Queue::new(Limits::of_spans(variables)?));
        let spans = SpanQueue::new(Arc::clone(&queue));
        let enabled = sampler::is_enabled(variables)?;
        let provider = provider(&resource, enabled.then(|| spans.clone()), variables)?;
        let tracer = provider.tracer_with_scope(instrumentation_scope());
        let service = service_name(&resource);
        let metrics = registry(&spans, &service, options.identity.version)?;
        let lines = options
            .log_format
            .style()
            .map(|style| Lines { service, style });
        let dispatch = subscriber::build(tracer.clone(), lines, options.writer, variables)?;
        let thread = match (enabled, options.exporter) {
            (false, _) => None,
            (true, Some(start)) => Some(start(queue, &resource).map_err(InitError::Thread)?),
            (true, None) => Some(start_otlp(queue, &resource, variables)?),
        };
        if options.global {
            dispatch.clone().try_init().map_err(InitError::Subscriber)?;
            opentelemetry::global::set_text_map_propagator(propagator(enabled, &options.baggage));
            opentelemetry::global::set_tracer_provider(provider.clone());
        }
        let propagator = Arc::new(propagator(enabled, &options.baggage));
        Ok(Self {
            provider,
            tracer,
            metrics,
            spans,
            thread,
            dispatch,
            propagator,
        })
    }

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

    /// Where every span of this process is at this moment.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.spans.ledger()
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
        let lost_before = self.spans.ledger().lost();
        self.spans.close();
        tracing::dispatcher::with_default(&self.dispatch, || {
            if let Some(thread) = self.thread {
                thread.finish(grace);
            }
            self.spans.abandon();
            let ledger = self.spans.ledger();
            log_books(&ledger);
            // Its only processor is closed already.
            drop(self.provider.shutdown());
            match ledger.lost() - lost_before {
                0 => Ok(ledger),
                lost => Err(ShutdownError::Lost {
                    lost,
                    ledger: Box::new(ledger),
                }),
            }
        })
    }
}

/// Trace context, then baggage. Where spans are off, the caller's context goes on untouched.
fn propagator(enabled: bool, baggage: &[String]) -> TextMapCompositePropagator {
    let context = if enabled {
        W3cPropagator::default()
    } else {
        W3cPropagator::pass_through()
    };
    let baggage = BaggagePropagator::new(baggage);
    TextMapCompositePropagator::new(vec![Box::new(context), Box::new(baggage)])
}

fn provider(
    resource: &Resource,
    spans: Option<SpanQueue>,
    variables: &Variables,
) -> Result<SdkTracerProvider, InitError> {
    let builder = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_sampler(sampler::choose(variables)?);
    Ok(match spans {
        Some(spans) => builder.with_span_processor(spans).build(),
        // Ids of spans that nobody records would be announced, and found nowhere.
        None => builder.with_sampler(Sampler::AlwaysOff).build(),
    })
}

fn service_name(resource: &Resource) -> String {
    let name = resource.get(&"service.name".into());
    name.map(|name| name.to_string()).unwrap_or_default()
}

fn registry(spans: &SpanQueue, service: &str, version: &str) -> Result<Registry, InitError> {
    let metrics = Registry::new();
    let books = Books::new(spans.clone()).map_err(InitError::Metrics)?;
    metrics
        .prometheus()
        .register(Box::new(books))
        .map_err(InitError::Metrics)?;
    metrics
        .build_info(service, version)
        .map_err(InitError::Metrics)?;
    Ok(metrics)
}

fn start_otlp(
    queue: Arc<Queue<SpanData>>,
    resource: &Resource,
    variables: &Variables,
) -> Result<ExportThread, InitError> {
    let endpoint = Endpoint::of(Signal::TRACES, variables)?;
    let pace = Pace::patient(endpoint.timeout);
    let resource = resource.clone();
    let destination = move || OtlpTraces::new(OtlpClient::new(endpoint), &resource);
    ExportThread::start("span-export", queue, pace, destination).map_err(InitError::Thread)
}

fn log_books(ledger: &Ledger) {
    tracing::info!(
        started = ledger.started,
        exported = ledger.exported,
        failed = ledger.failed_total(),
        dropped = ledger.dropped_total(),
        queued = ledger.queued,
        live = ledger.live,
        "span ledger: {ledger}"
    );
}
