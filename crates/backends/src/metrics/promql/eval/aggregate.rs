//! `sum by (job) (…)` and its like.

use std::collections::HashMap;

use super::Evaluation;
use crate::metrics::{
    number::{count, format_value},
    promql::{
        ast::{Aggregate, Aggregation, Fold, Grouping},
        error::EvalError,
        math::{
            over_time::{larger, quantile, smaller},
            sum::{mean, sum, variance},
        },
        value::Row,
    },
    tsdb::{Labels, is_label_name},
};

/// Rows that become one.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) labels: Labels,
    pub(super) rows: Vec<&'a Row>,
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
