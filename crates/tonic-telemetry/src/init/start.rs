use std::sync::Arc;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::page::PageAddress;
use super::pipelines::{LogPipeline, SpanPipeline};
use super::propagators::Propagators;
use super::{InitError, Options, Telemetry, resource};
use crate::conventions::instrumentation_scope;
use crate::env::{Switches, Variables, unread};
use crate::logs::{self, Lines, LogLayer};
use crate::metrics::{Registry, RpcMetricNames};
use crate::queue::{LedgerMetrics, MetricNames};
use crate::sampling;
use crate::spans::levels;

impl Telemetry {
    /// Puts the parts together.
    pub(super) fn start(options: Options) -> Result<Self, InitError> {
        let variables = &options.variables;
        let resource = resource::describe(&options.identity, variables);
        let switches = Switches::read(variables);
        let propagators = Propagators::read(variables);
        let page = PageAddress::read(variables).filter(|_| options.metrics_page);
        let unused: &[_] = if options.metrics_page {
            &[]
        } else {
            &PageAddress::VARIABLES
        };
        unread::warn(variables, unused);
        let spans = SpanPipeline::start(switches.spans, options.exporter, &resource, variables)?;
        let logs = switches
            .logs
            .then(|| LogPipeline::start(&resource, variables))
            .transpose()?;
        let service = attribute(&resource, "service.name");
        let provider = provider(&resource, &service, &spans, variables)?;
        let names = RpcMetricNames::read(variables);
        let names = options.metric_names.or(names).unwrap_or_default();
        let metrics =
            registry(names, &spans, logs.as_ref(), &resource).map_err(InitError::Metrics)?;
        let style = options.log_format.style();
        let lines = style.map(|style| Lines::new(service, style, options.writer));
        let telemetry = Self {
            tracer: provider.tracer_with_scope(instrumentation_scope()),
            provider,
            metrics,
            span_levels: options.span_levels.unwrap_or_else(|| levels(variables)),
            log: LogLayer::new(lines, logs.as_ref().map(LogPipeline::records)),
            log_filter: logs::filter(variables)?,
            propagator: Arc::new(propagators.compose(switches.spans, &options.baggage)),
            spans,
            logs,
            methods: options.methods,
            page,
            grace: options.grace,
        };
        tracing::dispatcher::with_default(&telemetry.subscriber(), || log_warnings(variables));
        Ok(telemetry)
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
        // No span is recorded, so a caller must not get the id of a trace that no store has.
        builder.with_sampler(Sampler::AlwaysOff).build()
    })
}

fn log_warnings(variables: &Variables) {
    for warning in variables.take_warnings() {
        tracing::warn!("{warning}");
    }
}

/// An attribute of a resource, empty where it has none.
fn attribute(resource: &Resource, key: &'static str) -> String {
    let value = resource.get(&key.into());
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The metrics of the service, with the ledgers of its telemetry among them.
fn registry(
    names: RpcMetricNames,
    spans: &SpanPipeline,
    logs: Option<&LogPipeline>,
    resource: &Resource,
) -> prometheus::Result<Registry> {
    let metrics = Registry::with_names(names);
    let version = attribute(resource, "service.version");
    metrics.build_info(&attribute(resource, "service.name"), &version)?;
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
