//! The value of an expression, and its type.

use std::{
    collections::HashMap,
    fmt::{self, Display, Formatter},
};

use super::error::EvalError;
use crate::metrics::tsdb::{Labels, SeriesSamples};

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    Scalar,
    String,
    /// An instant vector: a value of each series.
    Vector,
    /// A range vector: the samples of each series in a time.
    Matrix,
}

/// As errors of Prometheus call it.
impl Display for ValueType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "scalar",
            Self::String => "string",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
        })
    }
}

/// The value of an expression, for all steps.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A number for each step.
    Scalar(Vec<f64>),
    String(String),
    Vector(Vec<Row>),
    /// The samples themselves; only in an instant query.
    Matrix(Vec<SeriesSamples>),
}

impl Value {
    /// A vector, or a scalar as one row without labels; `None` for other values.
    pub(crate) fn into_rows(self) -> Option<Vec<Row>> {
        match self {
            Self::Vector(rows) => Some(rows),
            Self::Scalar(numbers) => {
                let values = numbers.into_iter().map(Some).collect();
                Some(vec![Row::new(Labels::default(), values)])
            }
            Self::String(_) | Self::Matrix(_) => None,
        }
    }
}

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

/// Computes a new value from each value and its step number; the rows lose the metric's name.
pub(super) fn map(
    rows: Vec<Row>,
    compute: impl Fn(usize, f64) -> f64,
) -> Result<Vec<Row>, EvalError> {
    let computed = rows.into_iter().map(|row| {
        let values = row.values.into_iter().enumerate();
        let values = values.map(|(step, value)| Some(compute(step, value?)));
        Row::new(row.labels.without_name(), values.collect())
    });
    merge(computed.collect())
}

/// Merges rows whose labels have become the same, and leaves out empty rows.
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
