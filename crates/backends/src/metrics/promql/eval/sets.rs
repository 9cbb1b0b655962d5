//! `and`, `or`, `unless`

use std::collections::HashMap;

use super::{Evaluation, Row, aggregate::key, row::merge};
use crate::metrics::{
    promql::{ast::Binary, error::EvalError},
    tsdb::Labels,
};

impl Evaluation<'_> {
    pub(super) fn set(
        &self,
        binary: &Binary,
        mut left: Vec<Row>,
        mut right: Vec<Row>,
    ) -> Result<Vec<Row>, EvalError> {
        let key = |row: &Row| key(&binary.labels, &row.labels);
        match binary.operator {
            "and" => {
                let there = self.presence(&right, key);
                keep(&mut left, key, &there, true);
            }
            "unless" => {
                let there = self.presence(&right, key);
                keep(&mut left, key, &there, false);
            }
            _ => {
                let there = self.presence(&left, key);
                keep(&mut right, key, &there, false);
                left.append(&mut right);
            }
        }
        merge(left)
    }

    /// At which steps there is a value, for each set of labels that has to be the same.
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
