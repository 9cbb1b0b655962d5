use std::sync::Arc;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::{Lines, Records};

/// Writes what is logged as lines, and puts it into a queue for the collector: the same fields, the
/// same ids, and the same secrets left out.
///
/// An event has the fields of the spans around it too, where the log filter lets these pass. If
/// several fields have one name, the innermost is written.
#[derive(Clone, Debug)]
pub(crate) struct LogLayer {
    lines: Option<Arc<Lines>>,
    records: Option<Records>,
}

impl LogLayer {
    pub(crate) fn new(lines: Option<Lines>, records: Option<Records>) -> Self {
        Self {
            lines: lines.map(Arc::new),
            records,
        }
    }
}

impl<S> Layer<S> for LogLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.fields().is_empty() {
            return;
        }
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut recorded = Fields::default();
            values.record(&mut recorded);
            if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
                recorded.add_missing(fields);
                *fields = recorded;
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::of(event);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(around) = span.extensions().get::<Fields>() {
                fields.add_missing(around);
            }
        }
        if let Some(lines) = &self.lines {
            lines.write(event, &fields);
        }
        if let Some(records) = &self.records {
            records.push(event, fields);
        }
    }
}
