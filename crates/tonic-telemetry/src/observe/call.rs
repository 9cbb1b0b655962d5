use std::{mem, sync::Arc, time::SystemTime};

use grpc_wire::{CallStatus, Method, RpcKind, Side};
use http::HeaderMap;
use opentelemetry::{
    Context, KeyValue,
    trace::{
        Link, Span as _, SpanBuilder, SpanContext, SpanKind, SpanRef, TraceContextExt as _,
        Tracer as _,
    },
};
use opentelemetry_sdk::trace::SdkTracer;
// Tokio's clock is the monotonic one of the system, except that a test can stop it.
use tokio::time::Instant;
use tonic::Code;

use super::{
    Scope,
    attributes::{end_span, name_span},
};
use crate::{metrics::Durations, server_layer::Unproven, spans::server_span};

/// A method as its calls are observed, with its series, which are looked up once.
#[derive(Clone, Debug)]
pub(crate) struct ObservedMethod {
    pub(crate) method: Method,
    /// The name of its spans: its full name, or `grpc` where that is unknown.
    pub(crate) span_name: &'static str,
    /// Whether its calls make spans; they are measured either way.
    pub(crate) traced: bool,
    pub(crate) durations: Arc<Durations>,
}

impl ObservedMethod {
    pub(crate) fn new(method: &Method, durations: Arc<Durations>) -> Self {
        let registered = method.is_registered();
        Self {
            method: *method,
            span_name: if registered { method.full_name } else { "grpc" },
            traced: true,
            durations,
        }
    }

    /// The method as the spans of its attempts name it: `Attempt`, and the name of its calls.
    ///
    /// Two rows of a trace with one name would look like a duplicate. Leaked as all names are.
    pub(crate) fn attempt(mut self) -> Self {
        self.span_name = format!("Attempt {}", self.span_name).leak();
        self
    }
}

/// What is known when a call starts.
pub(crate) struct CallStart<'a> {
    pub(crate) side: Side,
    pub(crate) kind: SpanKind,
    pub(crate) method: &'a ObservedMethod,
    /// Where it is not known whether there is such a method.
    pub(crate) unproven: Option<Box<Unproven>>,
    /// The parent of the span; around an untraced call it stays the active context.
    pub(crate) parent: Context,
    /// Another span that led to this call, without being its parent.
    pub(crate) link: Option<Link>,
    /// Whether the span is the current span of `tracing` as well.
    pub(crate) current_span: bool,
}

/// A call under observation: one span and one sample, ended once and with the same two times.
///
/// Dropped before its end, the call ends as `CANCELLED`: the caller has gone.
#[derive(Debug)]
pub(crate) struct ObservedCall {
    side: Side,
    scope: Scope,
    /// Whether the span in the context is the call's own; else it is the parent.
    traced: bool,
    started: Instant,
    started_at: SystemTime,
    durations: Arc<Durations>,
    /// `None` where the method is known.
    unproven: Option<Box<Unproven>>,
    /// Whether its answer may be a stream.
    streams: bool,
    ended: bool,
}

impl ObservedCall {
    /// Starts a call; `attributes` are those that its span starts with, if it has one, under this parent.
    pub(crate) fn start(
        tracer: &SdkTracer,
        mut call: CallStart<'_>,
        attributes: impl FnOnce(&Context) -> Vec<KeyValue>,
    ) -> Self {
        let (started, started_at) = (Instant::now(), SystemTime::now());
        let is_traced = call.method.traced;
        let context = is_traced
            .then(|| attributes(&call.parent))
            .and_then(|attributes| open(tracer, &mut call, attributes, started_at));
        let current = context.as_ref().filter(|_| call.current_span);
        let current = current.map_or_else(tracing::Span::none, server_span::of);
        Self {
            side: call.side,
            traced: context.is_some(),
            scope: Scope::new(context.unwrap_or(call.parent), current),
            started,
            started_at,
            durations: Arc::clone(&call.method.durations),
            unproven: call.unproven,
            streams: !matches!(
                call.method.method.kind,
                RpcKind::Unary | RpcKind::ClientStreaming
            ),
            ended: false,
        }
    }

    /// Where all work for this call runs.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The context of the scope.
    pub(crate) fn context(&self) -> &Context {
        self.scope.context()
    }

    /// The span that belongs to this call.
    pub(crate) fn span(&self) -> Option<SpanRef<'_>> {
        self.traced.then(|| self.context().span())
    }

    /// Runs a part of the call in its scope; a panic ends the call with `INTERNAL`.
    pub(crate) fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let panicking = EndByPanic(self);
        let active = panicking.0.scope.enter();
        let done = work();
        drop(active);
        mem::forget(panicking);
        done
    }

    /// As [`run`](Self::run), for a poll of the answer's body: no handler runs there unless the answer
    /// is a stream, and without one the context is enough.
    pub(super) fn run_body<T>(&mut self, work: impl FnOnce() -> T) -> T {
        if self.streams {
            return self.run(work);
        }
        let panicking = EndByPanic(self);
        let active = panicking.0.scope.attach();
        let done = work();
        drop(active);
        mem::forget(panicking);
        done
    }

    /// The headers of its answer have come.
    pub(super) fn answered(&mut self, headers: &HeaderMap) {
        if let Some(unproven) = &mut self.unproven {
            unproven.answered(headers);
        }
    }

    /// Its answer has begun, and is not there yet.
    pub(super) fn waits(&mut self) {
        if let Some(unproven) = &mut self.unproven {
            unproven.waits();
        }
    }

    /// Completes the call; all but the first time it does nothing.
    pub(crate) fn end(&mut self, status: &CallStatus) {
        if mem::replace(&mut self.ended, true) {
            return;
        }
        let duration = self.started.elapsed();
        let ended_at = self.started_at + duration;
        if let Some(unproven) = self.unproven.take() {
            self.settle(*unproven, status.code);
        }
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

    /// Gives the call to its method, if there is one.
    fn settle(&mut self, mut unproven: Unproven, code: Code) {
        let method = unproven.settle(code);
        if let Some(span) = self.span() {
            name_span(&span, &method, unproven.path());
        }
        self.durations = method.durations;
    }
}

/// Ends a call when a panic drops it; forgotten where there was none.
struct EndByPanic<'a>(&'a mut ObservedCall);

impl Drop for EndByPanic<'_> {
    fn drop(&mut self) {
        let status = CallStatus::new(Code::Internal, "the handler panicked");
        self.0.end(&status);
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

/// Starts the span of a call: `parent`, with the span in it.
///
/// `None` if the SDK makes no span: it has been shut down, or the telemetry itself makes the call.
fn open(
    tracer: &SdkTracer,
    start: &mut CallStart<'_>,
    attributes: Vec<KeyValue>,
    at: SystemTime,
) -> Option<Context> {
    let builder = SpanBuilder {
        name: start.method.span_name.into(),
        span_kind: Some(start.kind.clone()),
        start_time: Some(at),
        attributes: Some(attributes),
        links: start.link.take().map(|link| vec![link]),
        ..SpanBuilder::default()
    };
    let span = tracer.build_with_context(builder, &start.parent);
    let made = span.span_context().clone();
    made.is_valid().then(|| {
        if span.is_recording() {
            start.parent.with_span(span)
        } else {
            // Nothing is written to it: its ids are all that travels on.
            start.parent.with_remote_span_context(made)
        }
    })
}
