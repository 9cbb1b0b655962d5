//! The syntax tree of a query.

use super::{function::Function, operator::Operator, value::ValueType};
use crate::{intern::Text, metrics::tsdb::Matcher};

/// A query or a part of it.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Number(f64),
    String(String),
    /// The newest sample of each series.
    Selector(Selector),
    /// All samples of a time, in milliseconds, of each series.
    Range(Selector, i64),
    Subquery(Box<Subquery>),
    Call(&'static Function, Vec<Expr>),
    Aggregate(Box<Aggregate>),
    Chain(Box<Chain>),
    Negative(Box<Expr>),
}

/// Which series, and when.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) shift: Shift,
}

/// `offset` and `@`: take samples from another moment than that of the evaluation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shift {
    /// Milliseconds earlier.
    pub(crate) offset: i64,
    pub(crate) at: Option<At>,
}

/// A moment that is the same for all steps.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// Milliseconds since 1970.
    Moment(i64),
    Start,
    End,
}

/// An expression evaluated again and again over a time.
#[derive(Clone, Debug)]
pub(crate) struct Subquery {
    pub(crate) expr: Expr,
    pub(crate) range: i64,
    /// `None` stands for the evaluation interval of the rules.
    pub(crate) step: Option<i64>,
    pub(crate) shift: Shift,
}

/// `sum by (job) (…)`
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) aggregation: Aggregation,
    pub(crate) expr: Expr,
    pub(crate) grouping: Grouping,
}

/// What an aggregation makes of the series of a group, with its parameter.
#[derive(Clone, Debug)]
pub(crate) enum Aggregation {
    /// One value of all.
    Fold(Fold),
    Quantile(Expr),
    /// As many series as the parameter says, with the largest values.
    Topk(Expr),
    /// As many series as the parameter says, with the smallest values.
    Bottomk(Expr),
    /// How many series have each value; the value becomes this label.
    CountValues(String),
}

/// The aggregations without a parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fold {
    Avg,
    Count,
    Group,
    Max,
    Min,
    Stddev,
    Stdvar,
    Sum,
}

/// Some labels, or all but some.
#[derive(Clone, Debug)]
pub(crate) enum Grouping {
    By(Vec<Text>),
    Without(Vec<Text>),
}

/// `a + b - c`: operators that are applied from left to right. A list, so that a long chain does
/// not nest.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) first: Expr,
    pub(crate) rest: Vec<Binary>,
    pub(crate) value_type: ValueType,
}

/// An operator and its right side: `* on (job) group_left (version) b`
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub(crate) operator: Operator,
    pub(crate) right: Expr,
    /// A comparison answers 0 or 1 instead of dropping the values for which it is false.
    pub(crate) returns_bool: bool,
    /// `on` or `ignoring`: which labels have to be the same.
    pub(crate) labels: Grouping,
    pub(crate) many: Many,
}

/// On which side a group may have more than one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    Neither,
    /// With the labels that are copied from the other side.
    Left(Vec<Text>),
    Right(Vec<Text>),
}

impl Expr {
    pub(crate) fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_) => ValueType::Scalar,
            Self::String(_) => ValueType::String,
            Self::Selector(_) | Self::Aggregate(_) => ValueType::Vector,
            Self::Range(..) | Self::Subquery(_) => ValueType::Matrix,
            Self::Call(function, _) => function.returns,
            Self::Negative(expr) => expr.value_type(),
            Self::Chain(chain) => chain.value_type,
        }
    }

    /// All selectors in it.
    pub(crate) fn selectors(&self) -> Vec<&Selector> {
        match self {
            Self::Number(_) | Self::String(_) => Vec::new(),
            Self::Selector(selector) | Self::Range(selector, _) => vec![selector],
            Self::Subquery(subquery) => subquery.expr.selectors(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::selectors).collect(),
            Self::Aggregate(aggregate) => {
                let mut selectors = match &aggregate.aggregation {
                    Aggregation::Fold(_) | Aggregation::CountValues(_) => Vec::new(),
                    Aggregation::Quantile(parameter)
                    | Aggregation::Topk(parameter)
                    | Aggregation::Bottomk(parameter) => parameter.selectors(),
                };
                selectors.extend(aggregate.expr.selectors());
                selectors
            }
            Self::Negative(expr) => expr.selectors(),
            Self::Chain(chain) => {
                let rest = chain
                    .rest
                    .iter()
                    .flat_map(|binary| binary.right.selectors());
                chain.first.selectors().into_iter().chain(rest).collect()
            }
        }
    }
}
