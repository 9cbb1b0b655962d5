use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::{Span, SpanBuilder, SpanContext, Status, TraceContextExt as _, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};

use super::server_span;

/// The tracer of the spans of `tracing`: the SDK's, but for the one that stands for a SERVER span.
#[derive(Clone, Debug)]
pub(super) struct SpanTracer(SdkTracer);

impl SpanTracer {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self(tracer)
    }
}

impl Tracer for SpanTracer {
    type Span = TracingSpan;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> TracingSpan {
        if builder.name == server_span::NAME {
            return TracingSpan::Server(ServerSpan::of(parent));
        }
        let new = |parent| TracingSpan::New(self.0.build_with_context(builder, parent));
        // The context of a root span does not have the suppression; the current one does.
        if Context::is_current_telemetry_suppressed() {
            return new(&Context::current());
        }
        new(parent)
    }
}

/// What a span of `tracing` is to OpenTelemetry.
#[derive(Debug)]
pub(super) enum TracingSpan {
    /// A span of its own.
    New(SdkSpan),
    /// Another name for the SERVER span.
    Server(ServerSpan),
}

/// The SERVER span of a call, which its layer has made and will end.
#[derive(Debug)]
pub(super) struct ServerSpan {
    context: Context,
    span_context: SpanContext,
}

impl ServerSpan {
    fn of(context: &Context) -> Self {
        Self {
            context: context.clone(),
            span_context: context.span().span_context().clone(),
        }
    }
}

impl Span for TracingSpan {
    fn add_event_with_timestamp<T>(&mut self, name: T, at: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        match self {
            Self::New(span) => span.add_event_with_timestamp(name, at, attributes),
            Self::Server(server) => {
                let span = server.context.span();
                span.add_event_with_timestamp(name, at, attributes);
            }
        }
    }

    fn span_context(&self) -> &SpanContext {
        match self {
            Self::New(span) => span.span_context(),
            Self::Server(server) => &server.span_context,
        }
    }

    fn is_recording(&self) -> bool {
        match self {
            Self::New(span) => span.is_recording(),
            Self::Server(server) => server.context.span().is_recording(),
        }
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        match self {
            Self::New(span) => span.set_attribute(attribute),
            Self::Server(server) => server.context.span().set_attribute(attribute),
        }
    }

    fn set_status(&mut self, status: Status) {
        match self {
            Self::New(span) => span.set_status(status),
            Self::Server(server) => server.context.span().set_status(status),
        }
    }

    fn update_name<T>(&mut self, name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        match self {
            Self::New(span) => span.update_name(name),
            Self::Server(server) => server.context.span().update_name(name),
        }
    }

    fn add_link(&mut self, span: SpanContext, attributes: Vec<KeyValue>) {
        match self {
            Self::New(new) => new.add_link(span, attributes),
            Self::Server(server) => server.context.span().add_link(span, attributes),
        }
    }

    fn end_with_timestamp(&mut self, at: SystemTime) {
        match self {
            Self::New(span) => span.end_with_timestamp(at),
            // The call ends the SERVER span; a task that it spawned may keep this one open longer.
            Self::Server(_) => {}
        }
    }
}
