//! CLIENT spans for calls of a database.

mod error;
mod spans;

pub use error::QueryError;
pub use spans::{DatabaseSpans, System};
