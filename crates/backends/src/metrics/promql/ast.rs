//! What a query says.

use std::fmt::{self, Display, Formatter};

use super::function::Function;
use crate::{intern::Text, metrics::tsdb::Matcher};

/// A query or a part of it.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Number(f64),
    Text(String),
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

/// From which moment samples are taken instead of that of the evaluation.
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
    /// `None` is the interval of the rules.
    pub(crate) step: Option<i64>,
    pub(crate) shift: Shift,
}

/// `sum by (job) (…)`
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) operator: &'static str,
    pub(crate) parameter: Option<Expr>,
    pub(crate) expr: Expr,
    pub(crate) grouping: Grouping,
}

/// Some labels, or all but some.
#[derive(Clone, Debug)]
pub(crate) enum Grouping {
    By(Vec<Text>),
    Without(Vec<Text>),
}

/// `a + b - c`: operators one after the other, each with all that stands before it on its left. A
/// list, so that a long one does not nest.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) first: Expr,
    pub(crate) rest: Vec<Binary>,
    pub(crate) kind: Kind,
}

/// An operator and its right side: `* on (job) group_left (version) b`
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub(crate) operator: &'static str,
    pub(crate) right: Expr,
    /// A comparison answers 0 or 1 instead of dropping what does not hold.
    pub(crate) returns_bool: bool,
    /// `on` or `ignoring`: which labels have to be the same.
    pub(crate) labels: Grouping,
    pub(crate) many: Many,
}

/// On which side a group may have more than one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    Neither,
    /// With the labels that come from the other side.
    Left(Vec<Text>),
    Right(Vec<Text>),
}

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar,
    Text,
    Vector,
    Range,
}

impl Expr {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Number(_) => Kind::Scalar,
            Self::Text(_) => Kind::Text,
            Self::Selector(_) | Self::Aggregate(_) => Kind::Vector,
            Self::Range(..) | Self::Subquery(_) => Kind::Range,
            Self::Call(function, _) => function.returns,
            Self::Negative(expr) => expr.kind(),
            Self::Chain(chain) => chain.kind,
        }
    }

    /// All selectors in it.
    pub(crate) fn selectors(&self) -> Vec<&Selector> {
        match self {
            Self::Number(_) | Self::Text(_) => Vec::new(),
            Self::Selector(selector) | Self::Range(selector, _) => vec![selector],
            Self::Subquery(subquery) => subquery.expr.selectors(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::selectors).collect(),
            Self::Aggregate(aggregate) => {
                let parameter = aggregate.parameter.iter().flat_map(Self::selectors);
                parameter.chain(aggregate.expr.selectors()).collect()
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

/// As errors of Prometheus call it.
impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "scalar",
            Self::Text => "string",
            Self::Vector => "instant vector",
            Self::Range => "range vector",
        })
    }
}
