use std::{mem, time::SystemTime};

use grpc_wire::Method;
use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, SpanBuilder, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;

use super::{name::is_method_name, observed::CallStart};
use crate::{
    conventions::{RPC_METHOD, RPC_METHOD_ORIGINAL, RPC_SYSTEM_NAME},
    secrets::HIDDEN,
};

/// What every RPC span starts with, so that a sampler can decide by it.
pub(crate) fn first_attributes(method: &Method, path: &str) -> Vec<KeyValue> {
    // With room for those that follow, so that none of them moves the others.
    let mut attributes = Vec::with_capacity(8);
    attributes.push(KeyValue::new(RPC_SYSTEM_NAME, "grpc"));
    attributes.push(KeyValue::new(RPC_METHOD, method.full_name));
    if !method.is_registered() {
        attributes.extend(original(path));
    }
    attributes
}

/// What the caller asked for in place of a method that there is.
///
/// Only a name: any other path is text of the caller, such as a URL with a token or an address in it.
/// `None` where it asked for nothing.
fn original(path: &str) -> Option<KeyValue> {
    let name = path.strip_prefix('/').unwrap_or(path);
    let shown = if is_method_name(name) { name } else { HIDDEN };
    (!name.is_empty()).then(|| KeyValue::new(RPC_METHOD_ORIGINAL, shown.to_owned()))
}

/// Starts the span of a call: `parent`, with the span in it.
///
/// `None` if the method is not traced, or if the SDK makes no span: it has been shut down, or the
/// telemetry itself makes the call.
pub(super) fn open(
    tracer: &SdkTracer,
    start: &mut CallStart<'_>,
    at: SystemTime,
) -> Option<Context> {
    if !start.method.traced {
        return None;
    }
    let builder = SpanBuilder {
        name: start.method.span_name.into(),
        span_kind: Some(start.kind.clone()),
        start_time: Some(at),
        attributes: Some(mem::take(&mut start.attributes)),
        links: start.link.take().map(|link| vec![link]),
        ..SpanBuilder::default()
    };
    let span = tracer.build_with_context(builder, &start.parent);
    let made = span.span_context().is_valid();
    made.then(|| start.parent.with_span(span))
}

/// At most `longest` bytes of a text, and no half characters.
pub(super) fn truncated(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}
