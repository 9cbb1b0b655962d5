/// A text that is no query.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("1:{column}: parse error: {message}")]
pub(crate) struct ParseError {
    /// Of the first character that is wrong, from 1.
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
    /// The labels do not allow it.
    #[error("{0}")]
    Execution(String),
    /// It took longer than a query may.
    #[error("query timed out in expression evaluation")]
    Timeout,
    /// It has more samples than a query may.
    #[error("query processing would load too many samples into memory in query execution")]
    TooManySamples,
}

impl EvalError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Execution(message.into())
    }
}
