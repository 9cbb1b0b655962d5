use opentelemetry::{Context, ContextGuard};
use tracing::{Span, Subscriber as _};
use tracing_subscriber::Registry;

/// Where the work of a call runs: the context of OpenTelemetry with its span, and on a server the
/// span of `tracing` that stands for it.
///
/// A call has one, and nothing copies it: to copy a span of `tracing` costs as much as to enter it.
#[derive(Debug)]
pub(crate) struct Scope {
    context: Context,
    span: Span,
}

/// A span of `tracing` that is current on this thread until this is dropped.
#[derive(Debug)]
pub(crate) struct Entered<'a>(&'a Span);

impl Scope {
    pub(crate) fn new(context: Context, span: Span) -> Self {
        Self { context, span }
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Makes only the context current, for work that does not need the span of `tracing`.
    pub(crate) fn attach(&self) -> ContextGuard {
        self.context.clone().attach()
    }

    /// Makes the context and the span current on this thread, for the length of one poll and never
    /// across a return: the next poll may come on another thread.
    pub(crate) fn enter(&self) -> (Entered<'_>, ContextGuard) {
        // The context first: the subscriber may not know the span.
        let active = self.context.clone().attach();
        (Entered::new(&self.span), active)
    }
}

impl<'a> Entered<'a> {
    /// Enters the span in the registry alone: the layers over it would look the span up and attach
    /// its context, which is attached already, at ten times the cost.
    fn new(span: &'a Span) -> Self {
        span.with_subscriber(|(id, dispatch)| match dispatch.downcast_ref::<Registry>() {
            Some(registry) => registry.enter(id),
            None => dispatch.enter(id),
        });
        Self(span)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0
            .with_subscriber(|(id, dispatch)| match dispatch.downcast_ref::<Registry>() {
                Some(registry) => registry.exit(id),
                None => dispatch.exit(id),
            });
    }
}
