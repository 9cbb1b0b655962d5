//! Log lines that find their trace: JSON for machines, one object a line, or text for a terminal.
//!
//! A line cannot be forged: control characters and the line separators of Unicode are escaped in
//! every name and value, and a long value is cut. What looks like a secret is hidden: see
//! [`secrets`](crate::secrets).

mod escape;
mod fields;
mod format;
mod ids;
mod json;
mod pretty;
mod records;
#[cfg(test)]
mod tests;

pub use escape::Printable;
pub use format::LogFormat;
pub(crate) use format::{Lines, Style};
pub use ids::current_trace_id;
pub(crate) use records::{Entry, Records};
