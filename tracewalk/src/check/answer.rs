//! What a request by HTTP came to: an answer, or why there is none.

use std::{
    error::Error,
    fmt::{self, Display, Formatter},
};

use serde_json::Value;
use tonic::codegen::http::StatusCode;

/// What came back, whatever the status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) struct RequestError {
    /// Nobody accepts connections there.
    pub(super) nobody: bool,
    pub(super) why: String,
}

impl Answer {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

impl Display for Answer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // The body is not trusted: one line, and no character that moves the cursor.
        let visible = |letter: char| if letter.is_control() { ' ' } else { letter };
        let text: String = self.body.trim().chars().map(visible).take(120).collect();
        write!(f, "HTTP {}: {text}", self.status.as_u16())
    }
}

impl RequestError {
    pub(super) fn broken(why: impl Display) -> Self {
        Self {
            nobody: false,
            why: why.to_string(),
        }
    }
}

impl Display for RequestError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The innermost of wrapped errors: the one that says what is wrong.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
