//! From an expression to its values, for all steps of a time at once.
//!
//! A vector is a table: one [`Row`] for each set of labels, one column for each step. Labels are
//! then compared once for each row, and not again at each step.

mod aggregate;
mod arithmetic;
mod calendar;
mod call;
mod each;
mod histogram;
mod label;
mod matching;
mod over_time;
mod rate;
mod row;
mod select;
mod sets;
#[cfg(test)]
mod tests;
mod timeline;
mod window;

pub(crate) use row::Row;
pub(crate) use timeline::Timeline;

use super::{
    Source,
    ast::{At, Expr, Kind, Shift},
    error::EvalError,
};
use crate::metrics::tsdb::{Budget, Labels, SeriesSamples};

/// What an expression gives.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A number for each step.
    Scalar(Vec<f64>),
    Text(String),
    Vector(Vec<Row>),
    /// The samples themselves; only at one moment.
    Range(Vec<SeriesSamples>),
}

impl Value {
    /// A vector, or a scalar as one row without labels; `None` for other values.
    pub(crate) fn into_rows(self) -> Option<Vec<Row>> {
        match self {
            Self::Vector(rows) => Some(rows),
            Self::Scalar(numbers) => {
                let values = numbers.into_iter().map(Some).collect();
                let labels = Labels::default();
                Some(vec![Row { labels, values }])
            }
            Self::Text(_) | Self::Range(_) => None,
        }
    }
}

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
    if expr.kind() == Kind::Range {
        let windows = evaluation.windows(expr)?;
        return Ok(Value::Range(windows.into_samples()));
    }
    evaluation.value(expr)
}

/// One run over an expression.
#[derive(Clone, Copy)]
struct Evaluation<'a> {
    source: &'a dyn Source,
    timeline: Timeline,
    /// That of the query; the timeline of a subquery is another.
    whole: Timeline,
    budget: &'a Budget,
}

impl Evaluation<'_> {
    fn value(&self, expr: &Expr) -> Result<Value, EvalError> {
        self.budget.check()?;
        Ok(match expr {
            Expr::Number(number) => Value::Scalar(vec![*number; self.timeline.steps]),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Selector(selector) => Value::Vector(self.newest(selector, |it| it.value)?),
            Expr::Call(function, arguments) => self.call(function, arguments)?,
            Expr::Aggregate(aggregate) => Value::Vector(self.aggregate(aggregate)?),
            Expr::Chain(chain) => self.chain(chain)?,
            Expr::Negative(expr) => match self.value(expr)? {
                Value::Vector(rows) => Value::Vector(each::map(rows, |_, value| -value)?),
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
