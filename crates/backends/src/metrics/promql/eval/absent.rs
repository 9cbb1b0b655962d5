//! `absent` and `absent_over_time`.

use std::collections::HashSet;

use super::Evaluation;
use crate::metrics::{
    promql::{ast::Expr, value::Row},
    tsdb::{Labels, NAME},
};

impl Evaluation<'_> {
    /// A row with the labels that the selector fixes, and with 1 at each step where `rows` have no
    /// value.
    pub(super) fn absent(&self, rows: &[Row], expr: &Expr) -> Vec<Row> {
        let missing = |step: usize| {
            let is_missing = rows.iter().all(|row| row.values[step].is_none());
            is_missing.then_some(1.0)
        };
        let values = (0..self.timeline.steps).map(missing).collect();
        let row = Row::new(fixed_labels(expr), values);
        if row.is_empty() {
            Vec::new()
        } else {
            vec![row]
        }
    }
}

/// The labels that a selector fixes by `label="value"`. A label with a second matcher after that is
/// not fixed.
fn fixed_labels(expr: &Expr) -> Labels {
    let (Expr::Selector(selector) | Expr::Range(selector, _)) = expr else {
        return Labels::default();
    };
    let named = selector.matchers.iter().filter(|it| *it.name != *NAME);
    let mut seen = HashSet::new();
    named.fold(Labels::default(), |labels, matcher| {
        let value = matcher.exact().filter(|_| !seen.contains(&matcher.name));
        if value.is_some() {
            seen.insert(matcher.name.clone());
        }
        labels.with(&matcher.name, value.map_or("", |it| it))
    })
}
