//! The query language.
//!
//! ```text
//!   text ──► token ──► parser ──► Expr ──► eval ──► Value
//!                                            ▲
//!                                            └── Source: the samples that a selector names
//! ```
//!
//! As Prometheus 3 has it, without native histograms: what dashboards and rules ask. The rest is
//! an error that names what is not known.

mod ast;
mod duration;
mod error;
mod eval;
mod function;
mod number;
mod parser;
mod quoted;
mod sum;
mod token;

pub(crate) use ast::{Expr, Kind};
pub(crate) use error::EvalError;
pub(crate) use eval::{Budget, Timeline, Value, evaluate};
#[cfg(test)]
pub(crate) use number::whole;
pub(crate) use number::{count, format_value, milliseconds, scientific, seconds};
pub(crate) use parser::{parse, parse_selector};

pub(crate) use duration::parse_duration;

use super::tsdb::{Sample, labels::Labels, matcher::Matcher};

/// Where samples come from: all that the engine asks of a store.
pub(crate) trait Source {
    /// The series that pass all matchers, with their samples of this time, both ends included.
    ///
    /// # Errors
    /// When there are more samples than the budget has room for, or its time is over.
    fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        budget: &Budget,
    ) -> Result<Vec<Samples>, EvalError>;
}

/// The samples of a series, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    pub(crate) labels: Labels,
    pub(crate) samples: Vec<Sample>,
}
