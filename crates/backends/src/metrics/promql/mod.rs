//! The query language.
//!
//! ```text
//!   text ──► token ──► parser ──► Expr ──────► eval ──► Value
//!                        ▼                     │  └──► Source: the samples of a selector
//!                     function ───► math ◄─────┘
//! ```
//!
//! [`function`] is the table of the functions: their names, arguments, results, and what is run.
//!
//! The language is that of Prometheus 3 without native histograms: enough for dashboards and rules.
//! Anything else is an error that names the unknown part.

mod ast;
mod duration;
mod error;
mod eval;
mod function;
mod math;
mod operator;
mod parser;
mod quoted;
mod source;
mod token;
mod value;

pub(crate) use ast::Expr;
pub(crate) use duration::parse_duration;
pub(crate) use error::EvalError;
pub(crate) use eval::{Timeline, evaluate};
pub(crate) use parser::{parse, parse_selector};
pub(crate) use value::{Value, ValueType};
