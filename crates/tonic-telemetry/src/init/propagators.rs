use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{
    Extractor, Injector, TextMapCompositePropagator, TextMapPropagator,
};

use crate::Propagator;
use crate::env::Variables;
use crate::propagation::{BaggagePropagator, W3cPropagator};

/// Which headers carry a context, of those that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Propagators {
    context: bool,
    baggage: bool,
}

impl Propagators {
    /// Reads `OTEL_PROPAGATORS`, by default `tracecontext,baggage`.
    pub(super) fn read(variables: &Variables) -> Self {
        let words = ["none", "tracecontext", "baggage"];
        let expected = "tracecontext, baggage or none";
        let named = variables.list("OTEL_PROPAGATORS", &words, expected);
        let named = named.unwrap_or_else(|| vec![1, 2]);
        Self {
            context: named.contains(&1),
            baggage: named.contains(&2),
        }
    }

    /// All these propagators as one. Without `spans`, the caller's context goes on untouched.
    pub(super) fn compose(self, spans: bool, baggage: &[String]) -> TextMapCompositePropagator {
        let context: Box<dyn TextMapPropagator + Send + Sync> = if spans {
            Box::new(W3cPropagator::default())
        } else {
            Box::new(W3cPropagator::pass_through())
        };
        let context = self.context.then_some(context);
        let baggage = self
            .baggage
            .then(|| Box::new(BaggagePropagator::new(baggage)) as _);
        TextMapCompositePropagator::new(context.into_iter().chain(baggage).collect())
    }
}

/// A shared propagator as a type of its own, which `opentelemetry::global` needs.
#[derive(Debug)]
pub(super) struct Shared(pub(super) Propagator);

impl TextMapPropagator for Shared {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        self.0.inject_context(context, injector);
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        self.0.extract_with_context(context, extractor)
    }

    fn fields(&self) -> FieldIter<'_> {
        self.0.fields()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_the_named_propagators() {
        const ALL: &[&str] = &["baggage", "traceparent", "tracestate"];
        const CONTEXT: &[&str] = &["traceparent", "tracestate"];
        for (value, expected, warnings) in [
            ("", ALL, 0),
            ("TraceContext,tracecontext", CONTEXT, 0),
            ("baggage , none", &["baggage"], 0),
            ("none", &[], 0),
            ("tracecontext,b3multi", CONTEXT, 1),
            ("b3,jaeger", ALL, 2),
        ] {
            let variables = Variables::of(&[("OTEL_PROPAGATORS", value)]);
            let composed = Propagators::read(&variables).compose(true, &[]);
            let mut fields: Vec<_> = composed.fields().collect();
            fields.sort_unstable();
            assert_eq!(fields, expected, "{value}");
            assert_eq!(variables.take_warnings().len(), warnings, "{value}");
        }
    }
}
