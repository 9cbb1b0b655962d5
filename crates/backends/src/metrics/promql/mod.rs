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
mod parser;
mod quoted;
mod source;
mod sum;
mod token;

pub(crate) use ast::{Expr, Kind};
pub(crate) use duration::parse_duration;
pub(crate) use error::EvalError;
pub(crate) use eval::{Timeline, Value, evaluate};
pub(crate) use parser::{parse, parse_selector};
pub(crate) use source::Source;
