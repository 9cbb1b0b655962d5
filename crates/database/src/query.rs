//! Running queries: each is one CLIENT span.

use std::sync::atomic::Ordering;

use sqlx::{AnyConnection, FromRow, any::AnyRow};
use tonic_telemetry::database::System;

use crate::{Database, Query, QueryError, Statement};

impl Database {
    /// The first row, or `None` when there is none.
    ///
    /// # Errors
    /// [`QueryError::Unavailable`] when waiting may help, [`QueryError::Refused`] when not.
    pub async fn fetch_optional<T>(&self, query: Query) -> Result<Option<T>, QueryError>
    where
        T: for<'row> FromRow<'row, AnyRow>,
    {
        let work = async {
            let row = query.inner.fetch_optional(&self.pool).await?;
            Ok(row.map(|row| T::from_row(&row)).transpose()?)
        };
        self.traced(query.statement, work).await
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn fetch_all<T>(&self, query: Query) -> Result<Vec<T>, QueryError>
    where
        T: for<'row> FromRow<'row, AnyRow>,
    {
        let work = async {
            let rows = query.inner.fetch_all(&self.pool).await?;
            let rows = rows.iter().map(T::from_row);
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.traced(query.statement, work).await
    }

    /// The first row of a query that always has one.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`]; no row at all is [`QueryError::Refused`].
    pub async fn fetch_one<T>(&self, query: Query) -> Result<T, QueryError>
    where
        T: for<'row> FromRow<'row, AnyRow>,
    {
        let work = async { Ok(T::from_row(&query.inner.fetch_one(&self.pool).await?)?) };
        self.traced(query.statement, work).await
    }

    /// Runs a query that answers no row, and says how many rows it changed.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn write(&self, query: Query) -> Result<u64, QueryError> {
        let work = async { Ok(query.inner.execute(&self.pool).await?.rows_affected()) };
        self.traced(query.statement, work).await
    }

    /// Runs many queries in one transaction, all or none, and says how many rows each changed.
    ///
    /// All queries have the same `statement`, and one span: a hundred spans would hide the rest of
    /// the trace. Without queries, nothing is done, and there is no span.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`]; nothing is kept then.
    pub async fn write_all(
        &self,
        statement: Statement,
        queries: Vec<Query>,
    ) -> Result<Vec<u64>, QueryError> {
        let size = queries.len();
        if size == 0 {
            return Ok(Vec::new());
        }
        let work = async {
            let mut transaction = self.pool.begin_with(self.begin_writing()).await?;
            let changed = execute_all(&mut transaction, queries).await?;
            transaction.commit().await?;
            Ok(changed)
        };
        self.traced_batch(statement, size, work).await
    }

    /// How a transaction that writes begins.
    ///
    /// SQLite takes the write lock at once: a transaction that first reads and then writes fails as
    /// busy, without waiting, when another one has written in between.
    /// Spec: <https://www.sqlite.org/lang_transaction.html>
    pub(crate) fn begin_writing(&self) -> &'static str {
        match self.system {
            System::Sqlite => "BEGIN IMMEDIATE",
            System::Postgresql => "BEGIN",
        }
    }

    /// Refuses a query at once while the database is known to be down.
    pub(crate) fn check(&self) -> Result<(), QueryError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(QueryError::known_down());
        }
        Ok(())
    }

    pub(crate) async fn traced<T>(
        &self,
        statement: Statement,
        work: impl Future<Output = Result<T, QueryError>>,
    ) -> Result<T, QueryError> {
        self.traced_batch(statement, 1, work).await
    }

    pub(crate) async fn traced_batch<T>(
        &self,
        statement: Statement,
        size: usize,
        work: impl Future<Output = Result<T, QueryError>>,
    ) -> Result<T, QueryError> {
        let Statement {
            operation,
            table,
            text,
        } = statement;
        let work = async {
            self.check()?;
            work.await
        };
        self.spans.batch(operation, table, text, size, work).await
    }
}

/// Runs queries one after the other, and says how many rows each changed.
pub(crate) async fn execute_all(
    connection: &mut AnyConnection,
    queries: Vec<Query>,
) -> Result<Vec<u64>, QueryError> {
    let mut changed = Vec::with_capacity(queries.len());
    for query in queries {
        let done = query.inner.execute(&mut *connection).await?;
        changed.push(done.rows_affected());
    }
    Ok(changed)
}
