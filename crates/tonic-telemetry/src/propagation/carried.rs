use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};

use super::traceparent::{RANDOM, Traceparent};

/// What a caller sent that a `SpanContext` does not keep on its way through the SDK.
///
/// The SDK clears the random flag of a span that is not sampled, and its `TraceState` refuses keys
/// of Level 2. Both travel beside the span, as a value of the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carried {
    random: bool,
    list: Option<String>,
    /// The caller's span, with what `TraceState` made of the list.
    caller: SpanContext,
}

impl Carried {
    /// Puts the caller's span into the context, and beside it what the span would lose.
    pub(super) fn attach(
        cx: &Context,
        parent: Traceparent,
        list: Option<String>,
        always: bool,
    ) -> Context {
        let state = list
            .as_deref()
            .and_then(|list| list.parse::<TraceState>().ok());
        let caller = parent.span_context(state.unwrap_or_default());
        let random = parent.flags & RANDOM == RANDOM;
        let cx = cx.with_remote_span_context(caller.clone());
        // The common request has the random flag and no list, and needs no value.
        if random && list.is_none() && !always {
            return cx;
        }
        cx.with_value(Self {
            random,
            list,
            caller,
        })
    }

    /// The caller's span, where it was kept.
    pub(super) fn caller(cx: &Context) -> Option<&SpanContext> {
        cx.get::<Self>().map(|carried| &carried.caller)
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
            // If the state of the span differs, a sampler has changed it.
            Some(carried) if carried.caller.trace_state() == span.trace_state() => {
                carried.list.clone()
            }
            _ => Some(span.trace_state().header()).filter(|list| !list.is_empty()),
        }
    }

    fn of<'a>(cx: &'a Context, span: &SpanContext) -> Option<&'a Self> {
        cx.get::<Self>()
            .filter(|carried| carried.caller.trace_id() == span.trace_id())
    }
}
