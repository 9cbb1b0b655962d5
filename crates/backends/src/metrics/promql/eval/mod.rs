//! From an expression to its values, for all steps of a query at once.
//!
//! A vector is a table: one [`Row`] for each set of labels, one column for each step. Labels are
//! then compared once for each row, and not again at each step.

mod absent;
mod aggregate;
mod binary;
mod call;
mod extremes;
mod histogram;
mod label;
mod matching;
mod select;
#[cfg(test)]
mod tests;
mod timeline;

pub(crate) use timeline::Timeline;

use super::{
    ast::{At, Expr, Shift},
    error::EvalError,
    source::Source,
    value::{Row, Value, ValueType, map},
};
use crate::metrics::tsdb::Budget;

/// Evaluates an expression at each step.
///
/// # Errors
/// When labels do not allow it, or it takes more than the budget.
pub(crate) fn evaluate(
    expr: &Expr,
    source: &dyn Source,
    timeline: Timeline,
    budget: &Budget,
) -> Result<Value, EvalError> {
    let evaluation = Evaluation {
        source,
        timeline,
        whole: timeline,
        budget,
    };
    if expr.value_type() == ValueType::Matrix {
        let windows = evaluation.windows(expr)?;
        return Ok(Value::Matrix(windows.into_samples()));
    }
    evaluation.value(expr)
}

/// One run over an expression.
#[derive(Clone, Copy)]
struct Evaluation<'a> {
    source: &'a dyn Source,
    timeline: Timeline,
    /// The timeline of the query; a subquery has another one.
    whole: Timeline,
    budget: &'a Budget,
}

impl Evaluation<'_> {
    fn value(&self, expr: &Expr) -> Result<Value, EvalError> {
        self.budget.check()?;
        Ok(match expr {
            Expr::Number(number) => Value::Scalar(vec![*number; self.timeline.steps]),
            Expr::String(text) => Value::String(text.clone()),
            Expr::Selector(selector) => Value::Vector(self.newest(selector, |it| it.value)?),
            Expr::Call(function, arguments) => self.call(function, arguments)?,
            Expr::Aggregate(aggregate) => Value::Vector(self.aggregate(aggregate)?),
            Expr::Chain(chain) => self.chain(chain)?,
            Expr::Negative(expr) => match self.value(expr)? {
                Value::Vector(rows) => Value::Vector(map(rows, |_, value| -value)?),
                Value::Scalar(numbers) => Value::Scalar(numbers.iter().map(|it| -it).collect()),
                other => other,
            },
            Expr::Range(..) | Expr::Subquery(_) => {
                return Err(EvalError::new("unexpected range vector"));
            }
        })
    }

    /// An expression that the parser knows to be a vector.
    fn vector(&self, expr: &Expr) -> Result<Vec<Row>, EvalError> {
        match self.value(expr)? {
            Value::Vector(rows) => Ok(rows),
            _ => Err(EvalError::new("expected an instant vector")),
        }
    }

    /// An expression that the parser knows to be a scalar.
    fn scalar(&self, expr: &Expr) -> Result<Vec<f64>, EvalError> {
        match self.value(expr)? {
            Value::Scalar(numbers) => Ok(numbers),
            _ => Err(EvalError::new("expected a scalar")),
        }
    }

    /// The moment that a step is moved to.
    fn moved(&self, step: i64, shift: Shift) -> i64 {
        let from = match shift.at {
            None => step,
            Some(At::Moment(moment)) => moment,
            Some(At::Start) => self.whole.first,
            Some(At::End) => self.whole.end,
        };
        from.saturating_sub(shift.offset)
    }

    /// The earliest and the latest moment of all steps, moved.
    fn moved_ends(&self, shift: Shift) -> (i64, i64) {
        let ends = [self.timeline.first, self.timeline.last()];
        let [first, last] = ends.map(|end| self.moved(end, shift));
        (first, last)
    }
}
