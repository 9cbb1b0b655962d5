//! What the span of a call says of it.

use std::time::SystemTime;

use grpc_wire::{CallStatus, Method, Side, code_name, is_error};
use opentelemetry::{
    KeyValue,
    trace::{SpanRef, Status},
};

use super::{ObservedMethod, method_name::is_method_name};
use crate::{
    conventions::{
        ERROR_TYPE, RPC_METHOD, RPC_METHOD_ORIGINAL, RPC_RESPONSE_STATUS_CODE, RPC_SYSTEM_NAME,
    },
    logs::start_of,
    secrets::HIDDEN,
};

/// The longest status description of a span, in bytes: the peer may have chosen it.
const MAX_DESCRIPTION_BYTES: usize = 1024;

/// Spec: [status and `error.type` of RPC spans][spec] (semantic conventions v1.44.0).
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/grpc.md
pub(super) fn end_span(span: &SpanRef<'_>, side: Side, status: &CallStatus, ended_at: SystemTime) {
    let name = code_name(status.code);
    span.set_attribute(KeyValue::new(RPC_RESPONSE_STATUS_CODE, name));
    if is_error(side, status.code) {
        span.set_attribute(KeyValue::new(ERROR_TYPE, name));
        let description = start_of(&status.message, MAX_DESCRIPTION_BYTES);
        span.set_status(Status::error(description.to_owned()));
    }
    span.end_with_timestamp(ended_at);
}

/// The first attributes of every RPC span, by which a sampler can decide; `None` for a method that the end of its
/// call will name.
pub(crate) fn first_attributes(method: Option<&Method>, path: &str) -> Vec<KeyValue> {
    // With room for the later ones, so that the list is not reallocated.
    let mut attributes = Vec::with_capacity(8);
    attributes.push(KeyValue::new(RPC_SYSTEM_NAME, "grpc"));
    if let Some(method) = method {
        attributes.extend(name_of(method, path));
    }
    attributes
}

/// The attributes with the name of a method.
fn name_of(method: &Method, path: &str) -> impl Iterator<Item = KeyValue> {
    let original = if method.is_registered() {
        None
    } else {
        original(path)
    };
    [KeyValue::new(RPC_METHOD, method.full_name)]
        .into_iter()
        .chain(original)
}

/// Names the span of a call whose method was not known at its start.
pub(super) fn name_span(span: &SpanRef<'_>, observed: &ObservedMethod, path: &str) {
    span.update_name(observed.span_name);
    span.set_attributes(name_of(&observed.method, path));
}

/// The attribute with the method that the caller named, where no such method is registered.
///
/// Only a name is shown: any other path may be a URL with a token or an address in it.
/// `None` where the path is empty.
fn original(path: &str) -> Option<KeyValue> {
    let name = path.strip_prefix('/').unwrap_or(path);
    let shown = if is_method_name(name) { name } else { HIDDEN };
    (!name.is_empty()).then(|| KeyValue::new(RPC_METHOD_ORIGINAL, shown.to_owned()))
}
