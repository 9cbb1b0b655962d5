use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    time::SystemTime,
};

use grpc_wire::{CallStatus, Side, code_name, is_error};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanKind, SpanRef, Status, TraceContextExt as _},
};
use opentelemetry_sdk::trace::SdkTracer;
// Tokio's clock is the monotonic one of the system, except that a test can stop it.
use tokio::time::Instant;
use tonic::Code;

use super::{ObservedMethod, span};
use crate::{
    conventions::{ERROR_TYPE, RPC_RESPONSE_STATUS_CODE},
    metrics::Durations,
};

/// The longest status description of a span, in bytes: the peer may have chosen it.
const LONGEST_DESCRIPTION: usize = 1024;

/// What is known when a call starts.
pub(crate) struct CallStart<'a> {
    pub(crate) side: Side,
    pub(crate) kind: SpanKind,
    pub(crate) method: &'a ObservedMethod,
    /// What the span is a child of, and what remains active around an untraced call.
    pub(crate) parent: Context,
    /// Another span that led to this call, without being its parent.
    pub(crate) link: Option<Link>,
    /// The attributes that the span starts with.
    pub(crate) attributes: Vec<KeyValue>,
}

/// A call under observation: one span and one sample, ended once and with the same two times.
///
/// Dropping it without an end is an end too: the caller has gone, and the call is `CANCELLED`.
#[derive(Debug)]
pub(crate) struct ObservedCall {
    side: Side,
    context: Context,
    /// Whether the span in the context is the call's own; else it is the parent.
    traced: bool,
    started: Instant,
    started_at: SystemTime,
    durations: Arc<Durations>,
    ended: bool,
}

impl ObservedCall {
    pub(crate) fn start(tracer: &SdkTracer, mut call: CallStart<'_>) -> Self {
        let (started, started_at) = (Instant::now(), SystemTime::now());
        let context = span::open(tracer, &mut call, started_at);
        Self {
            side: call.side,
            traced: context.is_some(),
            context: context.unwrap_or(call.parent),
            started,
            started_at,
            durations: Arc::clone(&call.method.durations),
            ended: false,
        }
    }

    /// The context in which all work for this call runs.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// The span that belongs to this call.
    pub(super) fn span(&self) -> Option<SpanRef<'_>> {
        self.traced.then(|| self.context.span())
    }

    /// Runs a part of the call; a panic in it ends the call with `INTERNAL` and goes on.
    pub(crate) fn watch<T>(&mut self, work: impl FnOnce() -> T) -> T {
        // Nothing is seen again after a panic that it could have left half done.
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            self.end(&CallStatus::new(Code::Internal, "the handler panicked"));
            resume_unwind(panic)
        })
    }

    /// Ends the call; all but the first time it does nothing.
    pub(crate) fn end(&mut self, status: &CallStatus) {
        if mem::replace(&mut self.ended, true) {
            return;
        }
        let duration = self.started.elapsed();
        let ended_at = self.started_at + duration;
        let span = self.span();
        let exemplar = span
            .as_ref()
            .map_or(&SpanContext::NONE, SpanRef::span_context);
        self.durations
            .observe(status.code, duration.as_secs_f64(), exemplar, ended_at);
        if let Some(span) = span {
            end_span(&span, self.side, status, ended_at);
        }
    }
}

impl Drop for ObservedCall {
    fn drop(&mut self) {
        self.end(&CallStatus::new(
            Code::Cancelled,
            "the call was dropped before its end",
        ));
    }
}

/// Spec: [status and `error.type` of RPC spans][spec] (semantic conventions v1.44.0).
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/grpc.md
fn end_span(span: &SpanRef<'_>, side: Side, status: &CallStatus, ended_at: SystemTime) {
    let name = code_name(status.code);
    span.set_attribute(KeyValue::new(RPC_RESPONSE_STATUS_CODE, name));
    if is_error(side, status.code) {
        span.set_attribute(KeyValue::new(ERROR_TYPE, name));
        let description = span::truncated(&status.message, LONGEST_DESCRIPTION);
        span.set_status(Status::error(description.to_owned()));
    }
    span.end_with_timestamp(ended_at);
}
