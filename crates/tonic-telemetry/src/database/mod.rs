//! CLIENT spans for calls of a database.

mod error;
mod spans;
#[cfg(test)]
mod tests;

pub use error::QueryError;
pub use spans::{DatabaseSpans, System};
