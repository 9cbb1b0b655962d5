//! Operators between two vectors: values with the same labels on both sides are paired.

use std::collections::HashMap;

use super::{Evaluation, aggregate::key, binary::Operation};
use crate::{
    intern::Text,
    metrics::{
        promql::{
            ast::{Binary, Grouping, Many},
            error::EvalError,
            operator::Set,
            value::{Row, merge},
        },
        tsdb::{Labels, NAME},
    },
};

impl Evaluation<'_> {
    pub(super) fn matched(
        &self,
        binary: &Binary,
        operation: Operation,
        left: &[Row],
        right: &[Row],
    ) -> Result<Vec<Row>, EvalError> {
        let is_swapped = matches!(binary.many, Many::Right(_));
        let (many, one) = if is_swapped {
            (right, left)
        } else {
            (left, right)
        };
        let one = by_key(binary, one);
        self.check_one(binary, many, &one)?;
        let mut rows = Vec::new();
        let mut pairs: HashMap<(Labels, Option<Labels>), Vec<bool>> = HashMap::new();
        for row in many {
            let group = key(&binary.labels, &row.labels);
            for other in one.get(&group).into_iter().flatten() {
                self.budget.spend(self.timeline.steps)?;
                let labels = result_labels(binary, operation, &row.labels, &other.labels);
                // With `group_left` or `group_right`, the results must have different labels.
                let many = binary.many != Many::Neither;
                let pair = (group.clone(), many.then(|| labels.clone()));
                let met = pairs.entry(pair);
                let met = met.or_insert_with(|| vec![false; self.timeline.steps]);
                let mut values = Vec::with_capacity(self.timeline.steps);
                for ((a, b), met) in row.values.iter().zip(&other.values).zip(met) {
                    let (Some(a), Some(b)) = (*a, *b) else {
                        values.push(None);
                        continue;
                    };
                    // A pair that a comparison drops counts too.
                    if std::mem::replace(met, true) {
                        return Err(met_twice(binary));
                    }
                    let (left, right) = if is_swapped { (b, a) } else { (a, b) };
                    values.push(operation.apply(left, right, left));
                }
                rows.push(Row::new(labels, values));
            }
        }
        merge(rows)
    }

    /// On the "one" side, a group may have only one row at each step, whether the row matches one
    /// of the other side or not.
    fn check_one(
        &self,
        binary: &Binary,
        many: &[Row],
        one: &HashMap<Labels, Vec<&Row>>,
    ) -> Result<(), EvalError> {
        let is_asked = |step: usize| many.iter().any(|row| row.values[step].is_some());
        for (group, rows) in one.iter().filter(|(_, rows)| rows.len() > 1) {
            self.budget.check()?;
            for step in 0..self.timeline.steps {
                let there = rows.iter().filter(|row| row.values[step].is_some());
                if there.count() > 1 && is_asked(step) {
                    let is_left = matches!(binary.many, Many::Right(_));
                    let side = if is_left { "left" } else { "right" };
                    return Err(EvalError::new(format!(
                        "found duplicate series for the match group {group} on the {side} \
                         hand-side of the operation; many-to-many matching not allowed: matching \
                         labels must be unique on one side"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn by_key<'a>(binary: &Binary, rows: &'a [Row]) -> HashMap<Labels, Vec<&'a Row>> {
    let mut by_key: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let labels = key(&binary.labels, &row.labels);
        by_key.entry(labels).or_default().push(row);
    }
    by_key
}

fn met_twice(binary: &Binary) -> EvalError {
    EvalError::new(if binary.many == Many::Neither {
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
    } else {
        "multiple matches for labels: grouping labels must ensure unique matches"
    })
}

fn result_labels(binary: &Binary, operation: Operation, many: &Labels, one: &Labels) -> Labels {
    let labels = if operation.drops_name() {
        many.without_name()
    } else {
        many.clone()
    };
    let included = match &binary.many {
        Many::Left(included) | Many::Right(included) => included,
        Many::Neither => {
            return match &binary.labels {
                Grouping::By(names) => labels.keeping(names),
                Grouping::Without(names) => {
                    let name = labels.get(NAME).to_owned();
                    labels.dropping(names).with(NAME, &name)
                }
            };
        }
    };
    let take = |labels: Labels, name: &Text| labels.with(name, one.get(name));
    included.iter().fold(labels, take)
}

impl Evaluation<'_> {
    /// `and`, `or` and `unless`: which rows and steps of a side are there on the other.
    pub(super) fn set(
        &self,
        set: Set,
        on: &Grouping,
        mut left: Vec<Row>,
        mut right: Vec<Row>,
    ) -> Result<Vec<Row>, EvalError> {
        let key = |row: &Row| key(on, &row.labels);
        match set {
            Set::And => {
                let there = self.presence(&right, key);
                keep(&mut left, key, &there, true);
            }
            Set::Unless => {
                let there = self.presence(&right, key);
                keep(&mut left, key, &there, false);
            }
            Set::Or => {
                let there = self.presence(&left, key);
                keep(&mut right, key, &there, false);
                left.append(&mut right);
            }
        }
        merge(left)
    }

    /// At which steps there is a value, for each set of the labels that are compared.
    fn presence(&self, rows: &[Row], key: impl Fn(&Row) -> Labels) -> HashMap<Labels, Vec<bool>> {
        let mut presence: HashMap<_, Vec<bool>> = HashMap::new();
        for row in rows {
            let there = presence.entry(key(row));
            let there = there.or_insert_with(|| vec![false; self.timeline.steps]);
            for (there, value) in there.iter_mut().zip(&row.values) {
                *there |= value.is_some();
            }
        }
        presence
    }
}

/// Keeps the values where the other side has one, or where it has none.
fn keep(
    rows: &mut [Row],
    key: impl Fn(&Row) -> Labels,
    presence: &HashMap<Labels, Vec<bool>>,
    wanted: bool,
) {
    for row in rows {
        let there = presence.get(&key(row));
        for (step, value) in row.values.iter_mut().enumerate() {
            let is_there = there.is_some_and(|there| there[step]);
            *value = value.filter(|_| is_there == wanted);
        }
    }
}
