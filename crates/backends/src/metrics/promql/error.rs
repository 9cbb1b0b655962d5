use crate::metrics::tsdb::BudgetError;

/// Why a text is not a valid query.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("1:{column}: parse error: {message}")]
pub(crate) struct ParseError {
    /// The column of the first wrong character, counted from 1.
    column: usize,
    message: String,
}

impl ParseError {
    /// `at` counts bytes from 0.
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            column: at + 1,
            message: message.into(),
        }
    }
}

/// A query that has no answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum EvalError {
    /// The query cannot be computed with these labels or values.
    #[error("{0}")]
    Execution(String),
    /// The query takes more than its budget.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl EvalError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Execution(message.into())
    }
}
