//! `sum by (job) (…)` and its like.

use std::collections::HashMap;

use super::Evaluation;
use crate::metrics::{
    number::{count, format_value, whole},
    promql::{
        ast::{Aggregate, Aggregation, Fold, Grouping},
        error::EvalError,
        math::{
            over_time::{larger, quantile, smaller},
            sum::{mean, sum, variance},
        },
        value::{Row, merge},
    },
    tsdb::{Labels, is_label_name},
};

/// Rows that become one.
#[derive(Debug)]
struct Group<'a> {
    labels: Labels,
    rows: Vec<&'a Row>,
}

impl Evaluation<'_> {
    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        let rows = self.vector(&aggregate.expr)?;
        let groups = groups(&aggregate.grouping, &rows);
        match &aggregate.aggregation {
            Aggregation::Fold(fold) => self.fold(&groups, |_, values| folded(*fold, &values)),
            Aggregation::Quantile(part) => {
                let parts = self.scalar(part)?;
                self.fold(&groups, |step, values| quantile(parts[step], values))
            }
            Aggregation::Topk(number) => self.extremes(&groups, &self.scalar(number)?, true),
            Aggregation::Bottomk(number) => self.extremes(&groups, &self.scalar(number)?, false),
            Aggregation::CountValues(label) => self.count_values(label, &groups),
        }
    }

    fn fold(
        &self,
        groups: &[Group],
        fold: impl Fn(usize, Vec<f64>) -> f64,
    ) -> Result<Vec<Row>, EvalError> {
        let mut folded = Vec::with_capacity(groups.len());
        for group in groups {
            self.budget.spend(self.timeline.steps)?;
            let mut column = Vec::with_capacity(self.timeline.steps);
            for step in 0..self.timeline.steps {
                self.budget.work(group.rows.len())?;
                let values = group.rows.iter().filter_map(|row| row.values[step]);
                let values: Vec<_> = values.collect();
                column.push((!values.is_empty()).then(|| fold(step, values)));
            }
            folded.push(Row::new(group.labels.clone(), column));
        }
        Ok(folded)
    }

    /// How often each value is there, with the value as a label.
    fn count_values(&self, label: &str, groups: &[Group]) -> Result<Vec<Row>, EvalError> {
        if !is_label_name(label) {
            return Err(EvalError::new(format!("invalid label name {label:?}")));
        }
        let mut rows: HashMap<Labels, Row> = HashMap::new();
        for group in groups {
            for row in &group.rows {
                self.budget.work(self.timeline.steps)?;
                for (step, value) in row.values.iter().enumerate() {
                    let Some(value) = value else { continue };
                    let labels = group.labels.with(label, &format_value(*value));
                    if !rows.contains_key(&labels) {
                        self.budget.spend(self.timeline.steps)?;
                    }
                    let counts = rows
                        .entry(labels.clone())
                        .or_insert_with(|| Row::new(labels, vec![None; self.timeline.steps]));
                    *counts.values[step].get_or_insert(0.0) += 1.0;
                }
            }
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(rows)
    }

    /// The rows with the largest values of each group at each step, or those with the smallest.
    fn extremes(
        &self,
        groups: &[Group],
        how_many: &[f64],
        largest: bool,
    ) -> Result<Vec<Row>, EvalError> {
        if asks_for_none(how_many)? {
            return Ok(Vec::new());
        }
        let mut kept = Vec::new();
        for group in groups {
            self.budget.spend(group.rows.len() * self.timeline.steps)?;
            let mut ranked = Vec::new();
            let empty = vec![None; self.timeline.steps];
            let mut rows: Vec<_> = group.rows.iter().map(|row| (row, empty.clone())).collect();
            for (step, how_many) in how_many.iter().enumerate() {
                self.budget.work(group.rows.len())?;
                ranked = rank(
                    &group.rows,
                    step,
                    whole(*how_many, group.rows.len()),
                    largest,
                );
                for place in &ranked {
                    rows[*place].1[step] = group.rows[*place].values[step];
                }
            }
            let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
            // The rows of an instant query are sorted by value.
            let in_order: Vec<_> = ranked
                .into_iter()
                .filter_map(|place| rows[place].take())
                .collect();
            let others = rows.into_iter().flatten();
            let all = in_order.into_iter().chain(others);
            kept.extend(all.map(|(row, values)| Row::new(row.labels.clone(), values)));
        }
        merge(kept)
    }
}

/// Whether no step asks for a row.
///
/// # Errors
/// When the number of rows of a step is NaN, or does not fit into 64 bits.
fn asks_for_none(how_many: &[f64]) -> Result<bool, EvalError> {
    // The first number that does not fit into 64 bits, on both sides of zero.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if how_many.iter().all(|number| *number < 1.0) {
        return Ok(true);
    }
    match how_many
        .iter()
        .find(|number| number.is_nan() || number.abs() >= LIMIT)
    {
        None => Ok(false),
        Some(number) => Err(EvalError::new(format!(
            "Scalar value {} overflows int64",
            format_value(*number)
        ))),
    }
}

/// The places of the `how_many` most extreme rows with a value, the most extreme first and NaN
/// last. The other rows are not sorted.
fn rank(rows: &[&Row], step: usize, how_many: usize, largest: bool) -> Vec<usize> {
    let value = |place: usize| Some((place, rows[place].values[step]?));
    let mut there: Vec<_> = (0..rows.len()).filter_map(value).collect();
    // Of equal values the first row is taken.
    let order = |(first, a): &(usize, f64), (second, b): &(usize, f64)| {
        let order = if largest {
            b.total_cmp(a)
        } else {
            a.total_cmp(b)
        };
        let order = a.is_nan().cmp(&b.is_nan()).then(order);
        order.then(first.cmp(second))
    };
    if how_many < there.len() {
        there.select_nth_unstable_by(how_many, order);
        there.truncate(how_many);
    }
    there.sort_unstable_by(order);
    there.into_iter().map(|(place, _)| place).collect()
}

fn groups<'a>(grouping: &Grouping, rows: &'a [Row]) -> Vec<Group<'a>> {
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        let labels = key(grouping, &row.labels);
        let place = *places.entry(labels.clone()).or_insert_with(|| {
            groups.push(Group {
                labels,
                rows: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].rows.push(row);
    }
    groups
}

/// The labels that tell groups apart.
pub(super) fn key(grouping: &Grouping, labels: &Labels) -> Labels {
    match grouping {
        Grouping::By(names) => labels.keeping(names),
        Grouping::Without(names) => labels.dropping(names),
    }
}

fn folded(fold: Fold, values: &[f64]) -> f64 {
    let all = values.iter().copied();
    match fold {
        Fold::Avg => mean(all),
        Fold::Count => count(values.len()),
        Fold::Group => 1.0,
        Fold::Max => all.reduce(larger).unwrap_or(f64::NAN),
        Fold::Min => all.reduce(smaller).unwrap_or(f64::NAN),
        Fold::Stddev => variance(all).sqrt(),
        Fold::Stdvar => variance(all),
        Fold::Sum => sum(all),
    }
}
