use std::collections::BTreeMap;

use crate::metrics::tsdb::{Labels, NAME};

/// Writes the values of an expression as a series of their own.
#[derive(Debug)]
pub(super) struct Recording {
    name: String,
    /// That every series gets, as the rule file has them.
    pub(super) labels: BTreeMap<String, String>,
}

impl Recording {
    pub(super) fn new(name: String, labels: BTreeMap<String, String>) -> Self {
        Self { name, labels }
    }

    pub(super) fn series(&self, values: impl Iterator<Item = (Labels, f64)>) -> Vec<(Labels, f64)> {
        let named = values.map(|(labels, value)| {
            let labels = labels.with(NAME, &self.name);
            (with(labels, &self.labels), value)
        });
        named.collect()
    }
}

/// With labels added or replaced; an empty value takes one away.
fn with(labels: Labels, own: &BTreeMap<String, String>) -> Labels {
    let own = own.iter();
    own.fold(labels, |labels, (name, value)| labels.with(name, value))
}
