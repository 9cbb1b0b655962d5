//! `sum by (job) (…)` and its like.

use std::collections::HashMap;

use super::{
    Evaluation, Row,
    over_time::{larger, quantile, smaller},
    row::merge,
};
use crate::prometheus::{
    labels::{Labels, is_label_name},
    promql::{
        ast::{Aggregate, Expr, Grouping},
        error::EvalError,
        number::{count, format_value, whole},
    },
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
        match (aggregate.operator, &aggregate.parameter) {
            ("count_values", Some(Expr::Text(label))) => self.count_values(label, &groups),
            ("topk", Some(expr)) => self.extremes(&groups, &self.scalar(expr)?, true),
            ("bottomk", Some(expr)) => self.extremes(&groups, &self.scalar(expr)?, false),
            ("quantile", Some(expr)) => {
                let parts = self.scalar(expr)?;
                self.fold(&groups, |step, values| quantile(parts[step], values))
            }
            (operator, _) => {
                let fold = named(operator);
                let fold = fold.ok_or_else(|| EvalError::new("unknown aggregation"))?;
                self.fold(&groups, |_, values| fold(&values))
            }
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
            let of_step = |step: usize| {
                let values = group.rows.iter().filter_map(|row| row.values[step]);
                let values: Vec<_> = values.collect();
                (!values.is_empty()).then(|| fold(step, values))
            };
            let values = (0..self.timeline.steps).map(of_step).collect();
            folded.push(Row::new(group.labels.clone(), values));
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
        if let Some(number) = how_many.iter().find(|number| number.is_nan()) {
            return Err(EvalError::new(format!(
                "Scalar value {number} overflows int64"
            )));
        }
        let mut kept = Vec::new();
        for group in groups {
            let mut ranked = Vec::new();
            let empty = vec![None; self.timeline.steps];
            let mut rows: Vec<_> = group.rows.iter().map(|row| (row, empty.clone())).collect();
            for (step, how_many) in how_many.iter().enumerate() {
                ranked = rank(&group.rows, step, largest);
                ranked.truncate(whole(*how_many, group.rows.len()));
                for place in &ranked {
                    rows[*place].1[step] = group.rows[*place].values[step];
                }
            }
            self.budget.spend(rows.len() * self.timeline.steps)?;
            let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
            // At one step they come in their order.
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

/// The places of the rows that have a value, the most extreme first and NaN last.
fn rank(rows: &[&Row], step: usize, largest: bool) -> Vec<usize> {
    let value = |place: &usize| rows[*place].values[step];
    let there = (0..rows.len()).filter_map(|place| Some((place, value(&place)?)));
    let mut there: Vec<_> = there.collect();
    there.sort_by(|(_, a), (_, b)| {
        let order = if largest {
            b.total_cmp(a)
        } else {
            a.total_cmp(b)
        };
        a.is_nan().cmp(&b.is_nan()).then(order)
    });
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

fn named(operator: &str) -> Option<fn(&[f64]) -> f64> {
    Some(match operator {
        "sum" => |values| values.iter().sum(),
        "avg" => mean,
        "min" => |values| values.iter().copied().reduce(smaller).unwrap_or(f64::NAN),
        "max" => |values| values.iter().copied().reduce(larger).unwrap_or(f64::NAN),
        "count" => |values| count(values.len()),
        "group" => |_| 1.0,
        "stdvar" => variance,
        "stddev" => |values| variance(values).sqrt(),
        _ => return None,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean).powi(2));
    squares.sum::<f64>() / count(values.len())
}
