use std::{borrow::Cow, error::Error};

use database::QueryError;
use tonic_telemetry::database::QueryError as _;

/// Why the tables of events are not there.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The tables cannot be made.
    #[error("cannot make the tables of events")]
    Tables(#[from] QueryError),
    /// The registry has other metrics of the same names.
    #[error("cannot register the metrics of events")]
    Metrics(#[from] prometheus::Error),
}

/// Why an event was not published, or not handled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What the span says: one of few values, such as a status code.
    pub kind: Cow<'static, str>,
    /// What the log and the table of dead letters say. No values of callers.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let mut message = error.to_string();
        if let Some(cause) = error.source() {
            message = format!("{message}: {cause}");
        }
        Self::new(error.error_type(), message)
    }
}
