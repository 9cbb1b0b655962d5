//! CLIENT spans for calls of a database.

mod query_span;
mod summary;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use opentelemetry::trace::{SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

use crate::conventions::{
    DB_COLLECTION_NAME, DB_NAMESPACE, DB_OPERATION_BATCH_SIZE, DB_OPERATION_NAME, DB_QUERY_SUMMARY,
    DB_QUERY_TEXT, DB_SYSTEM_NAME, SERVER_ADDRESS, SERVER_PORT,
};
use crate::open_span::OpenSpan;
pub use query_span::{QueryError, QuerySpan};

/// Which database is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// A file or memory of this process.
    Sqlite,
    /// A server.
    Postgresql,
}

impl System {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgresql => "postgresql",
        }
    }

    fn default_port(self) -> Option<u16> {
        match self {
            Self::Sqlite => None,
            Self::Postgresql => Some(5432),
        }
    }
}

/// Makes one CLIENT span for each query to one database.
///
/// Spec: [database client spans][spec], semantic conventions v1.44.0.
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/db/database-spans.md
#[derive(Clone, Debug)]
pub struct DatabaseSpans {
    tracer: SdkTracer,
    system: System,
    /// The attributes that every query has.
    attributes: Vec<KeyValue>,
}

impl DatabaseSpans {
    /// Spans for queries to a database of this kind.
    #[must_use]
    pub fn new(tracer: SdkTracer, system: System) -> Self {
        Self {
            tracer,
            system,
            attributes: vec![KeyValue::new(DB_SYSTEM_NAME, system.name())],
        }
    }

    /// The name of the database, without user or password.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Cow<'static, str>>) -> Self {
        self.attributes
            .push(KeyValue::new(DB_NAMESPACE, namespace.into()));
        self
    }

    /// The server, as it is configured. The default port of the system is no attribute.
    #[must_use]
    pub fn server(mut self, address: impl Into<Cow<'static, str>>, port: u16) -> Self {
        self.attributes
            .push(KeyValue::new(SERVER_ADDRESS, address.into()));
        if self.system.default_port() != Some(port) {
            self.attributes
                .push(KeyValue::new(SERVER_PORT, i64::from(port)));
        }
        self
    }

    /// Runs a query inside a span, which ends with the query or when the query is dropped.
    ///
    /// `operation` and `collection` name the span: `SELECT users`; where there is no collection, as for
    /// `BEGIN`, it is empty. `text` must be the statement with placeholders, never with values: it is
    /// stored for everybody who may look at traces.
    ///
    /// # Errors
    ///
    /// The error of the query, unchanged.
    pub async fn query<T, E: QueryError>(
        &self,
        operation: &'static str,
        collection: &'static str,
        text: impl Into<Cow<'static, str>>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.batch(operation, collection, text, 1, work).await
    }

    /// Like [`query`](Self::query), for `size` operations of one kind that are run at once.
    ///
    /// A batch of one operation has the span of that operation. Any other span of a batch is named
    /// `BATCH INSERT users`, and has the number of operations in `db.operation.batch.size`.
    ///
    /// # Errors
    ///
    /// The first error of an operation, unchanged.
    pub async fn batch<T, E: QueryError>(
        &self,
        operation: &'static str,
        collection: &'static str,
        text: impl Into<Cow<'static, str>>,
        size: usize,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let operation: Cow<'static, str> = match size {
            1 => operation.into(),
            _ => format!("BATCH {operation}").into(),
        };
        let name = format!("{operation} {collection}");
        let name = name.trim_end().to_owned();
        let mut attributes = self.attributes.clone();
        if size != 1 {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            attributes.push(KeyValue::new(DB_OPERATION_BATCH_SIZE, size));
        }
        attributes.push(KeyValue::new(DB_OPERATION_NAME, operation));
        if !collection.is_empty() {
            attributes.push(KeyValue::new(DB_COLLECTION_NAME, collection));
        }
        attributes.push(KeyValue::new(DB_QUERY_TEXT, text.into()));
        let span = self.open(name, attributes);
        span.run(work, query_span::fail).await
    }

    /// Begins the span of a statement by hand: for drivers that answer in streams, and where the
    /// operation and the table are known by the text alone.
    ///
    /// Its name is a summary of the text, as `SELECT users`, or the system where nothing is
    /// recognized. The text must have placeholders, as in [`query`](Self::query).
    pub fn start(&self, text: impl Into<Cow<'static, str>>) -> QuerySpan {
        let text = text.into();
        let mut attributes = self.attributes.clone();
        let mut name = summary::of(&text);
        if name.is_empty() {
            self.system.name().clone_into(&mut name);
        } else {
            attributes.push(KeyValue::new(DB_QUERY_SUMMARY, name.clone()));
        }
        attributes.push(KeyValue::new(DB_QUERY_TEXT, text));
        QuerySpan(self.open(name, attributes))
    }

    fn open(&self, name: String, attributes: Vec<KeyValue>) -> OpenSpan {
        let span = self
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Client)
            .with_attributes(attributes)
            .start(&self.tracer);
        OpenSpan::new(Context::current_with_span(span))
    }
}
