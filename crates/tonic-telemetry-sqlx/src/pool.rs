use std::sync::Arc;

use futures_core::{future::BoxFuture, stream::BoxStream};
use opentelemetry_sdk::trace::SdkTracer;
use sqlx::{Describe, Either, Execute, Executor, SqlStr};
use tonic_telemetry::database::DatabaseSpans;

use crate::{
    PoolConnection, TracedDatabase, Transaction, connection::Connection, statement::Statement,
    traced,
};

/// A pool of sqlx whose queries have spans; a clone is the same pool.
#[derive(Debug)]
pub struct Pool<DB: sqlx::Database> {
    pool: sqlx::Pool<DB>,
    spans: Arc<DatabaseSpans>,
}

impl<DB: sqlx::Database> Clone for Pool<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            spans: Arc::clone(&self.spans),
        }
    }
}

impl<DB: sqlx::Database> Pool<DB> {
    /// Spans of this tracer for the queries of this pool, which other holders of it do not share.
    #[must_use]
    pub fn new(pool: sqlx::Pool<DB>, tracer: &SdkTracer) -> Self
    where
        DB: TracedDatabase,
    {
        let spans = DB::spans(&pool, tracer.clone());
        Self::with_spans(pool, spans)
    }

    /// As [`new`](Self::new), with attributes of your own, as the name of a proxy for the server.
    #[must_use]
    pub fn with_spans(pool: sqlx::Pool<DB>, spans: DatabaseSpans) -> Self {
        let spans = Arc::new(spans);
        Self { pool, spans }
    }

    /// The pool without spans: for migrations, and for what else this one has not.
    #[must_use]
    pub fn untraced(&self) -> &sqlx::Pool<DB> {
        &self.pool
    }

    /// A connection of the pool; the wait for it has no span.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Pool::acquire`].
    pub async fn acquire(&self) -> sqlx::Result<PoolConnection<DB>> {
        let connection = self.pool.acquire().await?;
        Ok(PoolConnection(Connection::new(connection, &self.spans)))
    }

    /// A transaction. Its span, `BEGIN`, has the wait for a connection in it.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Pool::begin`].
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, DB>> {
        let (spans, work) = (Arc::clone(&self.spans), self.pool.begin());
        let open = traced::future(spans, "BEGIN".to_owned(), work).await?;
        Ok(Transaction::new(open, &self.spans))
    }
}

impl<'p, DB: sqlx::Database> Executor<'p> for &'_ Pool<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, sqlx::Result<Either<DB::QueryResult, DB::Row>>>
    where
        E: 'q + Execute<'q, DB>,
    {
        let (statement, text) = Statement::take(query);
        traced::stream(
            Arc::clone(&self.spans),
            text,
            self.pool.fetch_many(statement),
        )
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<DB::Row>>>
    where
        E: 'q + Execute<'q, DB>,
    {
        let (statement, text) = Statement::take(query);
        let row = self.pool.fetch_optional(statement);
        Box::pin(traced::future(Arc::clone(&self.spans), text, row))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<DB::Statement>>
    where
        'p: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<DB>>> {
        self.pool.describe(sql)
    }
}
