use std::time::SystemTime;

use opentelemetry::{
    Context, KeyValue,
    trace::{
        Span as _, SpanBuilder, SpanContext, SpanKind, TraceContextExt as _, TraceFlags,
        Tracer as _,
    },
};
use opentelemetry_sdk::trace::{SdkTracer, Span};

use crate::{
    conventions::{RPC_METHOD, RPC_METHOD_ORIGINAL, RPC_SYSTEM_NAME},
    rpc::{Method, Side},
};

/// The longest `rpc.method_original`, in bytes: the caller chooses it.
const LONGEST_ORIGINAL: usize = 128;

/// What every RPC span starts with, so that a sampler can decide by it.
pub(crate) fn first_attributes(method: &Method, path: &str) -> Vec<KeyValue> {
    // With room for those that follow, so that none of them moves the others.
    let mut attributes = Vec::with_capacity(8);
    attributes.push(KeyValue::new(RPC_SYSTEM_NAME, "grpc"));
    attributes.push(KeyValue::new(RPC_METHOD, method.full_name));
    if !method.is_registered() {
        let original = truncated(path.trim_start_matches('/'), LONGEST_ORIGINAL);
        attributes.push(KeyValue::new(RPC_METHOD_ORIGINAL, original.to_owned()));
    }
    attributes
}

/// Starts the span of a call: `parent`, with the span in it.
///
/// `None` if the SDK makes none because it has been shut down, or for a call that the telemetry
/// makes itself.
pub(super) fn open(
    tracer: &SdkTracer,
    (side, method): (Side, &Method),
    attributes: Vec<KeyValue>,
    parent: &Context,
    started_at: SystemTime,
) -> Option<Context> {
    let builder = SpanBuilder::from_name(method.span_name)
        .with_kind(match side {
            Side::Client => SpanKind::Client,
            Side::Server => SpanKind::Server,
        })
        .with_attributes(attributes)
        .with_start_time(started_at);
    let span = tracer.build_with_context(builder, parent);
    if !span.span_context().is_valid() {
        None
    } else if span.is_recording() {
        Some(parent.with_span(span))
    } else {
        Some(parent.with_remote_span_context(unsampled(&span, parent)))
    }
}

/// The context of an unsampled span, with the flags of its parent.
///
/// The SDK clears all of them where only "sampled" does not hold: an id that its maker called
/// random remains so.
/// Spec: [W3C Trace Context level 2, random-trace-id flag][spec].
///
/// [spec]: https://www.w3.org/TR/trace-context-2/#random-trace-id-flag
fn unsampled(span: &Span, parent: &Context) -> SpanContext {
    let context = span.span_context();
    let inherited = parent.span().span_context().trace_flags();
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        inherited & !TraceFlags::SAMPLED,
        false,
        context.trace_state().clone(),
    )
}

/// At most `longest` bytes of a text, and no half characters.
pub(super) fn truncated(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}
