use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceId, TraceState};

use super::traceparent::{RANDOM, Traceparent};

/// What a caller sent that a `SpanContext` does not keep on its way through the SDK.
///
/// The SDK clears the random flag of a span that is not sampled, and its `TraceState` refuses keys
/// of Level 2. Both travel beside the span, as a value of the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carried {
    trace_id: TraceId,
    random: bool,
    list: Option<String>,
    /// What `TraceState` made of the list. A span that has another one was given it by a sampler.
    parsed: TraceState,
}

impl Carried {
    /// Puts the caller's span into the context, and beside it what the span would lose.
    pub(super) fn attach(cx: &Context, parent: Traceparent, list: Option<String>) -> Context {
        let parsed: TraceState = list
            .as_deref()
            .and_then(|list| list.parse().ok())
            .unwrap_or_default();
        let span_context = parent.span_context(parsed.clone());
        let random = parent.flags & RANDOM == RANDOM;
        let cx = cx.with_remote_span_context(span_context);
        // The common request is random and has no list: it costs no value.
        if random && list.is_none() {
            return cx;
        }
        cx.with_value(Self {
            trace_id: parent.trace_id,
            random,
            list,
            parsed,
        })
    }

    /// The flags to send on: those of the span, and the random flag unless the caller lacked it.
    ///
    /// A trace that began here is random, because the ids of the SDK are.
    /// Spec: [§3.2.2.5.2](https://www.w3.org/TR/trace-context-2/#random-trace-id-flag).
    pub(super) fn flags(cx: &Context, span: &SpanContext) -> TraceFlags {
        let random = Self::of(cx, span).is_none_or(|carried| carried.random);
        let flag = if random {
            RANDOM
        } else {
            TraceFlags::NOT_SAMPLED
        };
        span.trace_flags() | flag
    }

    /// The list to send on: the caller's, unless a sampler changed it. Never an empty one.
    pub(super) fn list(cx: &Context, span: &SpanContext) -> Option<String> {
        match Self::of(cx, span) {
            Some(carried) if carried.parsed == *span.trace_state() => carried.list.clone(),
            _ => Some(span.trace_state().header()).filter(|list| !list.is_empty()),
        }
    }

    fn of<'a>(cx: &'a Context, span: &SpanContext) -> Option<&'a Self> {
        cx.get::<Self>()
            .filter(|carried| carried.trace_id == span.trace_id())
    }
}
