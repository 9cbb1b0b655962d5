//! Operators between two numbers, and between a number and each value of a vector.

use super::Evaluation;
use crate::metrics::promql::{
    ast::{Binary, Chain},
    error::EvalError,
    operator::{Arithmetic, Comparison, Operator, Set},
    value::{Row, Value, merge},
};

/// What an operator makes of two numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Arithmetic(Arithmetic),
    /// Drops the values for which the comparison is false.
    Filter(Comparison),
    /// Results in 0 or 1.
    Bool(Comparison),
}

impl Operation {
    /// The result, where there is one; a comparison without `bool` that is true results in `kept`.
    pub(super) fn apply(self, left: f64, right: f64, kept: f64) -> Option<f64> {
        match self {
            Self::Arithmetic(operator) => Some(operator.compute(left, right)),
            Self::Bool(operator) => Some(f64::from(operator.holds(left, right))),
            Self::Filter(operator) => operator.holds(left, right).then_some(kept),
        }
    }

    /// Whether the result loses the metric's name, because it is not a value of the metric.
    pub(super) fn drops_name(self) -> bool {
        !matches!(self, Self::Filter(_))
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

    fn set_of(
        &self,
        set: Set,
        binary: &Binary,
        left: Value,
        right: Value,
    ) -> Result<Value, EvalError> {
        match (left, right) {
            (Value::Vector(left), Value::Vector(right)) => self
                .set(set, &binary.labels, left, right)
                .map(Value::Vector),
            _ => Err(EvalError::new("set operators take instant vectors")),
        }
    }

    fn binary(&self, binary: &Binary, left: Value, right: Value) -> Result<Value, EvalError> {
        let operation = match binary.operator {
            Operator::Arithmetic(operator) => Operation::Arithmetic(operator),
            Operator::Comparison(operator) if binary.returns_bool => Operation::Bool(operator),
            Operator::Comparison(operator) => Operation::Filter(operator),
            Operator::Set(set) => return self.set_of(set, binary, left, right),
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
