use std::borrow::Cow;

use opentelemetry::KeyValue;
use opentelemetry::trace::TraceContextExt as _;

use crate::conventions::DB_RESPONSE_STATUS_CODE;
use crate::open_span::OpenSpan;

/// The span of a statement that runs. One that is dropped without a result is `cancelled`.
#[derive(Debug)]
#[must_use = "it ends when it is dropped"]
pub struct QuerySpan(pub(super) OpenSpan);

impl QuerySpan {
    /// Ends it.
    pub fn succeed(self) {
        self.0.answered();
    }

    /// Ends it, with what the error is.
    pub fn fail(self, error: &impl QueryError) {
        fail(&self.0, error);
        self.0.answered();
    }
}

pub(super) fn fail<E: QueryError>(open: &OpenSpan, error: &E) {
    open.fail(error.error_type());
    if let Some(code) = error.status_code() {
        let code = KeyValue::new(DB_RESPONSE_STATUS_CODE, code.into_owned());
        open.cx.span().set_attribute(code);
    }
}

/// What a span records of a failed query: never the error message, which may quote data.
pub trait QueryError {
    /// The kind of failure, of few different values: the code of the database, or a name.
    fn error_type(&self) -> Cow<'static, str>;

    /// The code that the database answered, such as the SQLSTATE `23505`; `None` where it did not.
    fn status_code(&self) -> Option<Cow<'_, str>> {
        None
    }
}
