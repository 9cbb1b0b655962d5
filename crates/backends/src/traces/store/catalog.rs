//! The services and operations of the stored spans, without a search through the traces.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    intern::Text,
    traces::model::{Span, SpanKind},
};

/// Counts the spans in the store by service, operation and kind.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    services: BTreeMap<Text, BTreeMap<(Text, SpanKind), usize>>,
}

impl Catalog {
    pub(crate) fn add(&mut self, span: &Span) {
        let operations = self.services.entry(Arc::clone(span.service())).or_default();
        *operations.entry(operation(span)).or_default() += 1;
    }

    /// Takes back one [`add`](Self::add); an operation or service without spans disappears.
    pub(crate) fn remove(&mut self, span: &Span) {
        let Some(operations) = self.services.get_mut(span.service()) else {
            return;
        };
        if let Some(count) = operations.get_mut(&operation(span)) {
            *count -= 1;
            if *count == 0 {
                operations.remove(&operation(span));
            }
        }
        if operations.is_empty() {
            self.services.remove(span.service());
        }
    }

    pub(crate) fn services(&self) -> Vec<Text> {
        self.services.keys().map(Arc::clone).collect()
    }

    pub(crate) fn operations(&self, service: &str) -> Vec<(Text, SpanKind)> {
        let operations = self.services.get(service).into_iter().flatten();
        operations.map(|(operation, _)| operation.clone()).collect()
    }
}

fn operation(span: &Span) -> (Text, SpanKind) {
    (Arc::clone(&span.name), span.kind)
}
