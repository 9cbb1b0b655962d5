//! `topk` and `bottomk`.

use super::{Evaluation, aggregate::Group};
use crate::metrics::{
    number::{format_value, whole},
    promql::{
        error::EvalError,
        value::{Row, merge},
    },
};

impl Evaluation<'_> {
    /// The rows with the largest values of each group at each step, or those with the smallest.
    pub(super) fn extremes(
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
