//! `and`, `or`, `unless`

use std::collections::HashMap;

use super::{Evaluation, aggregate::key};
use crate::metrics::{
    promql::{
        ast::Grouping,
        error::EvalError,
        operator::Set,
        value::{Row, merge},
    },
    tsdb::Labels,
};

impl Evaluation<'_> {
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
