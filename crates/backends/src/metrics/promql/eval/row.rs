use std::collections::HashMap;

use crate::metrics::{promql::error::EvalError, tsdb::Labels};

/// A value for each step, or none.
pub(crate) type Column = Vec<Option<f64>>;

/// The values of one set of labels.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) labels: Labels,
    pub(crate) values: Column,
}

impl Row {
    pub(super) fn new(labels: Labels, values: Column) -> Self {
        Self { labels, values }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }
}

/// Makes one row of those whose labels have become the same, and leaves out empty ones.
///
/// # Errors
/// When two of them have a value at the same step.
pub(super) fn merge(rows: Vec<Row>) -> Result<Vec<Row>, EvalError> {
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(rows.len());
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| !row.is_empty()) {
        if let Some(place) = places.get(&row.labels) {
            fill(&mut merged[*place].values, row.values)?;
        } else {
            places.insert(row.labels.clone(), merged.len());
            merged.push(row);
        }
    }
    Ok(merged)
}

fn fill(values: &mut Column, others: Column) -> Result<(), EvalError> {
    for (value, other) in values.iter_mut().zip(others) {
        if value.is_some() && other.is_some() {
            let message = "vector cannot contain metrics with the same labelset";
            return Err(EvalError::new(message));
        }
        *value = value.or(other);
    }
    Ok(())
}
