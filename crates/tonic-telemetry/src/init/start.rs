use std::sync::Arc;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::util::SubscriberInitExt;

use super::pipelines::{LogPipeline, SpanPipeline};
use super::propagators::Propagators;
use super::{InitError, Options, Telemetry, resource, subscriber};
use crate::conventions::instrumentation_scope;
use crate::env::{Switches, Variables, unread};
use crate::logs::{Lines, LogLayer};
use crate::metrics::Registry;
use crate::queue::{LedgerMetrics, MetricNames};
use crate::sampling;

impl Telemetry {
    /// Puts the parts together, and makes nothing global before everything else has succeeded.
    pub(super) fn start(options: Options) -> Result<Self, InitError> {
        let variables = &options.variables;
        let resource = resource::describe(&options.identity, variables);
        let switches = Switches::read(variables);
        let propagators = Propagators::read(variables);
        unread::warn(variables);
        let spans = SpanPipeline::start(switches.spans, options.exporter, &resource, variables)?;
        let logs = switches
            .logs
            .then(|| LogPipeline::start(&resource, variables))
            .transpose()?;
        let service = service_name(&resource);
        let provider = provider(&resource, &service, &spans, variables)?;
        let tracer = provider.tracer_with_scope(instrumentation_scope());
        let build = (service.as_str(), options.identity.version);
        let metrics = registry(&spans, logs.as_ref(), &resource, build);
        let metrics = metrics.map_err(InitError::Metrics)?;
        let style = options.log_format.style();
        let lines = style.map(|style| Lines::new(service, style, options.writer));
        let log = LogLayer::new(lines, logs.as_ref().map(LogPipeline::records));
        let spans_of_tracing = (tracer.clone(), options.span_levels);
        let dispatch = subscriber::build(spans_of_tracing, log, variables)?;
        tracing::dispatcher::with_default(&dispatch, || log_warnings(variables));
        let propagator = || propagators.compose(switches.spans, &options.baggage);
        if options.global {
            dispatch.clone().try_init().map_err(InitError::Subscriber)?;
            opentelemetry::global::set_text_map_propagator(propagator());
            opentelemetry::global::set_tracer_provider(provider.clone());
        }
        let propagator = Arc::new(propagator());
        Ok(Self {
            provider,
            tracer,
            metrics,
            spans,
            logs,
            dispatch,
            propagator,
        })
    }
}

fn provider(
    resource: &Resource,
    service: &str,
    spans: &SpanPipeline,
    variables: &Variables,
) -> Result<SdkTracerProvider, InitError> {
    let builder = SdkTracerProvider::builder().with_resource(resource.clone());
    let sampler = sampling::choose(service, variables)?;
    Ok(if spans.is_on() {
        builder
            .with_sampler(sampler)
            .with_span_processor(spans.spans.clone())
            .build()
    } else {
        // Ids of spans that nobody records would be announced, and found nowhere.
        builder.with_sampler(Sampler::AlwaysOff).build()
    })
}

fn log_warnings(variables: &Variables) {
    for warning in variables.take_warnings() {
        tracing::warn!("{warning}");
    }
}

fn service_name(resource: &Resource) -> String {
    let name = resource.get(&"service.name".into());
    name.map(|name| name.to_string()).unwrap_or_default()
}

/// The metrics of the service, with the ledgers of its telemetry among them.
fn registry(
    spans: &SpanPipeline,
    logs: Option<&LogPipeline>,
    resource: &Resource,
    (service, version): (&str, &str),
) -> prometheus::Result<Registry> {
    let metrics = Registry::new();
    metrics.build_info(service, version)?;
    metrics.target_info(resource)?;
    let registry = metrics.prometheus();
    let queue = spans.spans.clone();
    registry.register(Box::new(LedgerMetrics::new(
        &MetricNames::SPANS,
        move || queue.ledger(),
    )?))?;
    if let Some(logs) = logs {
        registry.register(Box::new(LedgerMetrics::new(
            &MetricNames::LOGS,
            logs.reader(),
        )?))?;
    }
    Ok(metrics)
}
