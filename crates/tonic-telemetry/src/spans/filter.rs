use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use super::server_span;

/// The target of the access log, and the crate whose lines those are. Were they let pass, the fields of each would be
/// made ready for this layer, also where no log has lines of this level. Lines of others with this target pass.
const ACCESS_LOG: (&str, &str) = ("access", "tonic_resilience::");

/// Lets the spans of these levels pass, and the events inside them.
///
/// An event of `tracing` does not become an event of a SERVER span: it is a log line with the ids
/// of the span already. A line of the access log becomes none of any span: it says what a span says.
#[derive(Clone, Debug)]
pub(super) struct SpanFilter(Targets);

impl SpanFilter {
    pub(super) fn new(levels: Targets) -> Self {
        Self(levels)
    }

    fn passes(&self, metadata: &Metadata<'_>) -> bool {
        metadata.name() == server_span::NAME
            || !is_of_access_log(metadata)
                && self.0.would_enable(metadata.target(), metadata.level())
    }
}

fn is_of_access_log(metadata: &Metadata<'_>) -> bool {
    let (target, module) = ACCESS_LOG;
    let is_of = |path: &str| path.starts_with(module);
    metadata.target() == target && metadata.module_path().is_some_and(is_of)
}

impl<S> Filter<S> for SpanFilter
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn enabled(&self, metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        self.passes(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match (self.passes(metadata), metadata.is_event()) {
            (false, _) => Interest::never(),
            // `event_enabled` is called only for events that are not always enabled.
            (true, true) => Interest::sometimes(),
            (true, false) => Interest::always(),
        }
    }

    fn event_enabled(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool {
        let mut spans = context.event_scope(event).into_iter().flatten();
        let span = spans.find(|span| self.passes(span.metadata()));
        span.is_some_and(|span| span.name() != server_span::NAME)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let levels = self.0.iter().map(|(_, level)| level);
        levels.chain(self.0.default_level()).max()
    }
}
