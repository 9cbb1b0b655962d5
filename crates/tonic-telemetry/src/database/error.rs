use std::borrow::Cow;

/// What a span says about a query that failed. It never repeats the message, which may quote data.
pub trait QueryError {
    /// The kind of failure, of few different values: the code of the database, or a name.
    fn error_type(&self) -> Cow<'static, str>;

    /// The code that the database answered, such as the SQLSTATE `23505`; `None` where it did not.
    fn status_code(&self) -> Option<Cow<'_, str>> {
        None
    }
}
