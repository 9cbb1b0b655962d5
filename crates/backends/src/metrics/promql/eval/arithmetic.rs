//! Operators between two numbers, and between a number and each value of a vector.

use super::{Evaluation, Row, Value, row::merge};
use crate::metrics::promql::{
    ast::{Binary, Chain},
    error::EvalError,
};

/// What an operator makes of two numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Arithmetic(fn(f64, f64) -> f64),
    /// Drops what does not hold, or answers 0 or 1.
    Comparison(fn(f64, f64) -> bool, bool),
}

impl Operation {
    pub(super) fn of(binary: &Binary) -> Option<Self> {
        let compare = |compare| Self::Comparison(compare, binary.returns_bool);
        Some(match binary.operator {
            "+" => Self::Arithmetic(|a, b| a + b),
            "-" => Self::Arithmetic(|a, b| a - b),
            "*" => Self::Arithmetic(|a, b| a * b),
            "/" => Self::Arithmetic(|a, b| a / b),
            "%" => Self::Arithmetic(|a, b| a % b),
            "atan2" => Self::Arithmetic(f64::atan2),
            "^" => Self::Arithmetic(f64::powf),
            "==" => compare(equal),
            "!=" => compare(|a, b| !equal(a, b)),
            "<" => compare(|a, b| a < b),
            "<=" => compare(|a, b| a <= b),
            ">" => compare(|a, b| a > b),
            ">=" => compare(|a, b| a >= b),
            _ => return None,
        })
    }

    /// The result, where there is one; a comparison keeps `kept`.
    pub(super) fn apply(self, left: f64, right: f64, kept: f64) -> Option<f64> {
        match self {
            Self::Arithmetic(compute) => Some(compute(left, right)),
            Self::Comparison(holds, true) => Some(f64::from(holds(left, right))),
            Self::Comparison(holds, false) => holds(left, right).then_some(kept),
        }
    }

    /// Whether the result is another thing than what was compared.
    pub(super) fn drops_name(self) -> bool {
        !matches!(self, Self::Comparison(_, false))
    }
}

impl Evaluation<'_> {
    /// Operators from left to right.
    pub(super) fn chain(&self, chain: &Chain) -> Result<Value, EvalError> {
        let mut left = self.value(&chain.first)?;
        for binary in &chain.rest {
            left = self.binary(binary, left, self.value(&binary.right)?)?;
        }
        Ok(left)
    }

    fn binary(&self, binary: &Binary, left: Value, right: Value) -> Result<Value, EvalError> {
        let Some(operation) = Operation::of(binary) else {
            return match (left, right) {
                (Value::Vector(left), Value::Vector(right)) => {
                    self.set(binary, left, right).map(Value::Vector)
                }
                _ => Err(EvalError::new("sets are made of vectors")),
            };
        };
        match (left, right) {
            (Value::Scalar(left), Value::Scalar(right)) => {
                let both = left.into_iter().zip(right);
                let computed = both.map(|(left, right)| operation.apply(left, right, left));
                Ok(Value::Scalar(
                    computed.map(|it| it.unwrap_or(f64::NAN)).collect(),
                ))
            }
            (Value::Vector(rows), Value::Scalar(numbers)) => {
                broadcast(operation, rows, |step, value| (value, numbers[step]))
            }
            (Value::Scalar(numbers), Value::Vector(rows)) => {
                broadcast(operation, rows, |step, value| (numbers[step], value))
            }
            (Value::Vector(left), Value::Vector(right)) => self
                .matched(binary, operation, &left, &right)
                .map(Value::Vector),
            _ => Err(EvalError::new("operators take scalars and instant vectors")),
        }
    }
}

fn broadcast(
    operation: Operation,
    rows: Vec<Row>,
    sides: impl Fn(usize, f64) -> (f64, f64),
) -> Result<Value, EvalError> {
    let computed = rows.into_iter().map(|row| {
        let values = row.values.into_iter().enumerate();
        let values = values.map(|(step, value)| {
            let (left, right) = sides(step, value?);
            operation.apply(left, right, value?)
        });
        let labels = if operation.drops_name() {
            row.labels.without_name()
        } else {
            row.labels
        };
        Row::new(labels, values.collect())
    });
    merge(computed.collect()).map(Value::Vector)
}

#[expect(clippy::float_cmp, reason = "the query asks for exactly this")]
fn equal(a: f64, b: f64) -> bool {
    a == b
}
