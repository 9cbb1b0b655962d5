use opentelemetry::{Context, ContextGuard};
use tracing::Span;
use tracing::span::Entered;

/// Where the work of a call runs: the context of OpenTelemetry with its span, and on a server the
/// span of `tracing` that stands for it.
///
/// A call has one, and nothing copies it: to copy a span of `tracing` costs as much as to enter it.
#[derive(Debug)]
pub(crate) struct Scope {
    context: Context,
    span: Span,
}

impl Scope {
    pub(crate) fn new(context: Context, span: Span) -> Self {
        Self { context, span }
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Makes only the context current, for work that does not need the span of `tracing`: entering
    /// the span costs ten times as much.
    pub(crate) fn attach(&self) -> ContextGuard {
        self.context.clone().attach()
    }

    /// Makes the context and the span current on this thread, for the length of one poll and never
    /// across a return: the next poll may come on another thread.
    pub(crate) fn enter(&self) -> (Entered<'_>, ContextGuard) {
        // The context first: the subscriber may not know the span.
        let active = self.context.clone().attach();
        (self.span.enter(), active)
    }
}
