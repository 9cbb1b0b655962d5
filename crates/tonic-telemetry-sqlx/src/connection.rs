use std::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use futures_core::{future::BoxFuture, stream::BoxStream};
use sqlx::{Describe, Either, Execute, Executor, SqlStr};
use tonic_telemetry::database::DatabaseSpans;

use crate::{statement::Statement, traced};

/// A connection whose queries have spans, inside a transaction or not.
#[derive(Debug)]
pub struct Connection<DB: sqlx::Database> {
    held: Held<DB>,
    spans: Arc<DatabaseSpans>,
}

#[derive(Debug)]
enum Held<DB: sqlx::Database> {
    Connection(sqlx::pool::PoolConnection<DB>),
    Transaction(sqlx::Transaction<'static, DB>),
}

impl<DB: sqlx::Database> Connection<DB> {
    pub(crate) fn new(
        connection: sqlx::pool::PoolConnection<DB>,
        spans: &Arc<DatabaseSpans>,
    ) -> Self {
        Self {
            held: Held::Connection(connection),
            spans: Arc::clone(spans),
        }
    }

    /// The connection without spans: for what this one has not, as savepoints.
    pub fn untraced(&mut self) -> &mut DB::Connection {
        match &mut self.held {
            Held::Connection(connection) => connection,
            Held::Transaction(transaction) => transaction,
        }
    }
}

impl<'c, DB: sqlx::Database> Executor<'c> for &'c mut Connection<DB>
where
    for<'a> &'a mut DB::Connection: Executor<'a, Database = DB>,
{
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, sqlx::Result<Either<DB::QueryResult, DB::Row>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let (statement, text) = Statement::take(query);
        let spans = Arc::clone(&self.spans);
        traced::stream(spans, text, self.untraced().fetch_many(statement))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<DB::Row>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let (statement, text) = Statement::take(query);
        let spans = Arc::clone(&self.spans);
        let row = self.untraced().fetch_optional(statement);
        Box::pin(traced::future(spans, text, row))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<DB::Statement>>
    where
        'c: 'e,
    {
        self.untraced().prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<DB>>>
    where
        'c: 'e,
    {
        self.untraced().describe(sql)
    }
}

/// A connection of the pool, which goes back when it is dropped.
#[derive(Debug)]
pub struct PoolConnection<DB: sqlx::Database>(pub(crate) Connection<DB>);

/// A transaction of [`Pool::begin`](crate::Pool::begin); rolled back when it is dropped.
///
/// Its lifetime is that of sqlx's, so that a signature that names one stays as it is.
#[derive(Debug)]
pub struct Transaction<'c, DB: sqlx::Database>(Connection<DB>, PhantomData<&'c mut ()>);

impl<DB: sqlx::Database> Transaction<'_, DB> {
    pub(crate) fn new(
        transaction: sqlx::Transaction<'static, DB>,
        spans: &Arc<DatabaseSpans>,
    ) -> Self {
        let connection = Connection {
            held: Held::Transaction(transaction),
            spans: Arc::clone(spans),
        };
        Self(connection, PhantomData)
    }

    /// Keeps what was done, in a span `COMMIT`.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Transaction::commit`].
    pub async fn commit(self) -> sqlx::Result<()> {
        let Connection { held, spans } = self.0;
        match held {
            Held::Transaction(open) => {
                traced::future(spans, "COMMIT".to_owned(), open.commit()).await
            }
            Held::Connection(_) => Ok(()), // Never: only `new` makes one.
        }
    }

    /// Undoes what was done, in a span `ROLLBACK`.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Transaction::rollback`].
    pub async fn rollback(self) -> sqlx::Result<()> {
        let Connection { held, spans } = self.0;
        match held {
            Held::Transaction(open) => {
                traced::future(spans, "ROLLBACK".to_owned(), open.rollback()).await
            }
            Held::Connection(_) => Ok(()), // Never, as above.
        }
    }
}

impl<DB: sqlx::Database> Deref for PoolConnection<DB> {
    type Target = Connection<DB>;

    fn deref(&self) -> &Connection<DB> {
        &self.0
    }
}

impl<DB: sqlx::Database> DerefMut for PoolConnection<DB> {
    fn deref_mut(&mut self) -> &mut Connection<DB> {
        &mut self.0
    }
}

impl<DB: sqlx::Database> Deref for Transaction<'_, DB> {
    type Target = Connection<DB>;

    fn deref(&self) -> &Connection<DB> {
        &self.0
    }
}

impl<DB: sqlx::Database> DerefMut for Transaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut Connection<DB> {
        &mut self.0
    }
}
