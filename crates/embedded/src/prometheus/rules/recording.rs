use crate::prometheus::labels::{Labels, NAME};

/// Writes the values of an expression as a series of their own.
#[derive(Debug)]
pub(super) struct Recording {
    name: String,
    /// That every series gets.
    pub(super) labels: Labels,
}

impl Recording {
    pub(super) fn new(name: String, labels: Labels) -> Self {
        Self { name, labels }
    }

    pub(super) fn series(&self, values: impl Iterator<Item = (Labels, f64)>) -> Vec<(Labels, f64)> {
        let named = values.map(|(labels, value)| {
            let labels = labels.with(NAME, &self.name);
            (labels.with_all(&self.labels), value)
        });
        named.collect()
    }
}
