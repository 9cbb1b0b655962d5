//! What runs in a span: it begins with the first poll, below the span that is current then.

use std::{
    borrow::Cow,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::{Stream, stream::BoxStream};
use futures_util::{StreamExt as _, stream};
use sqlx::error::DatabaseError;
use tonic_telemetry::database::{DatabaseSpans, QueryError, QuerySpan};

pub(crate) async fn future<T>(
    spans: Arc<DatabaseSpans>,
    text: String,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let span = spans.start(text);
    let result = work.await;
    end(span, result.as_ref().err());
    result
}

pub(crate) fn stream<'e, T: Send + 'e>(
    spans: Arc<DatabaseSpans>,
    text: String,
    rows: BoxStream<'e, sqlx::Result<T>>,
) -> BoxStream<'e, sqlx::Result<T>> {
    let begun = async move {
        Rows {
            given: rows,
            span: Some(spans.start(text)),
            any: false,
        }
    };
    stream::once(begun).flatten().boxed()
}

/// The rows of one query, and its span until it ends.
struct Rows<'e, T> {
    given: BoxStream<'e, sqlx::Result<T>>,
    span: Option<QuerySpan>,
    any: bool,
}

impl<T> Stream for Rows<'_, T> {
    type Item = sqlx::Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.given.poll_next_unpin(context));
        self.any = true;
        if let None | Some(Err(_)) = next
            && let Some(span) = self.span.take()
        {
            end(span, next.as_ref().and_then(|next| next.as_ref().err()));
        }
        Poll::Ready(next)
    }
}

impl<T> Drop for Rows<'_, T> {
    fn drop(&mut self) {
        // Who has a row may leave the others: that is no failure.
        if self.any
            && let Some(span) = self.span.take()
        {
            span.succeed();
        }
    }
}

fn end(span: QuerySpan, error: Option<&sqlx::Error>) {
    match error {
        None => span.succeed(),
        Some(error) => span.fail(&Failure(error)),
    }
}

/// What a span has of an error: its code or its kind. The message and the details may quote values.
struct Failure<'a>(&'a sqlx::Error);

impl QueryError for Failure<'_> {
    fn error_type(&self) -> Cow<'static, str> {
        if let Some(code) = self.status_code() {
            return code.into_owned().into();
        }
        let kind = match self.0 {
            sqlx::Error::Encode(_) => "encode",
            sqlx::Error::Io(_) => "io",
            sqlx::Error::PoolClosed => "pool_closed",
            sqlx::Error::PoolTimedOut => "pool_timed_out",
            sqlx::Error::Protocol(_) => "protocol",
            sqlx::Error::Tls(_) => "tls",
            _ => "_OTHER",
        };
        kind.into()
    }

    fn status_code(&self) -> Option<Cow<'_, str>> {
        self.0.as_database_error().and_then(DatabaseError::code)
    }
}
