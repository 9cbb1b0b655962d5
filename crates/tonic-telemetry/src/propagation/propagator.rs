use std::sync::LazyLock;

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;

use super::carried::Carried;
use super::traceparent::Traceparent;
use super::tracestate;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

/// Reads and writes the headers `traceparent` and `tracestate`.
///
/// ```
/// use opentelemetry::{propagation::TextMapPropagator, trace::TraceContextExt};
/// use tonic_telemetry::propagation::W3cPropagator;
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
/// let request = std::collections::HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
/// let caller = W3cPropagator::default().extract(&request);
/// assert!(caller.span().span_context().is_sampled());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct W3cPropagator {
    passes_through: bool,
}

impl W3cPropagator {
    /// For a process whose spans are switched off: it sends on the headers of its caller unchanged,
    /// and none where the caller sent none.
    ///
    /// Otherwise the spans of its callees would have a parent that is not recorded.
    #[must_use]
    pub fn pass_through() -> Self {
        Self {
            passes_through: true,
        }
    }
}

impl TextMapPropagator for W3cPropagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let span = cx.span();
        let span_context = if self.passes_through {
            Carried::caller(cx)
        } else {
            Some(span.span_context())
        };
        let Some(span_context) = span_context.filter(|span| span.is_valid()) else {
            return;
        };
        let parent = Traceparent {
            trace_id: span_context.trace_id(),
            parent_id: span_context.span_id(),
            flags: Carried::flags(cx, span_context),
        };
        injector.set(TRACEPARENT, parent.text());
        if let Some(list) = Carried::list(cx, span_context) {
            injector.set(TRACESTATE, list);
        }
    }

    /// Leaves the context as it is where the trace must be restarted.
    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let parents = extractor.get_all(TRACEPARENT).unwrap_or_default();
        // Two headers contradict each other, so neither can be trusted.
        let [parent] = parents.as_slice() else {
            return cx.clone();
        };
        let Some(parent) = Traceparent::parse(parent) else {
            return cx.clone();
        };
        let list = tracestate::join(extractor.get_all(TRACESTATE).unwrap_or_default());
        Carried::attach(cx, parent, list, self.passes_through)
    }

    fn fields(&self) -> FieldIter<'_> {
        static FIELDS: LazyLock<[String; 2]> =
            LazyLock::new(|| [TRACEPARENT, TRACESTATE].map(str::to_owned));
        FieldIter::new(&*FIELDS)
    }
}
