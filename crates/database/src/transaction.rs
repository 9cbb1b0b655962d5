//! Several different queries, all or none.

use sqlx::{Any, FromRow, any::AnyRow};

use crate::{Database, Query, QueryError, Statement, query::execute_all};

/// Queries that are kept together: all by [`Transaction::commit`], none when it is dropped before.
///
/// ```no_run
/// # use database::{Database, Statement, QueryError};
/// # const MARK: Statement = Statement { operation: "UPDATE", table: "inbox", text: "" };
/// # const ADD: Statement = Statement { operation: "INSERT", table: "audit_log", text: "" };
/// # async fn example(database: &Database) -> Result<(), QueryError> {
/// let mut transaction = database.begin().await?;
/// if transaction.write(MARK.bind(1_i64)).await? == 1 {
///     transaction.write(ADD.bind(1_i64)).await?;
/// }
/// transaction.commit().await
/// # }
/// ```
#[derive(Debug)]
pub struct Transaction<'a> {
    database: &'a Database,
    inner: sqlx::Transaction<'static, Any>,
}

impl Database {
    /// Begins a transaction that writes.
    ///
    /// SQLite has one of them at a time, in all processes: keep it short, and call nobody meanwhile.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn begin(&self) -> Result<Transaction<'_>, QueryError> {
        self.check()?;
        Ok(Transaction {
            database: self,
            inner: self.pool.begin_with(self.begin_writing()).await?,
        })
    }
}

impl Transaction<'_> {
    /// The first row, or `None` when there is none.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn fetch_optional<T>(&mut self, query: Query) -> Result<Option<T>, QueryError>
    where
        T: for<'row> FromRow<'row, AnyRow>,
    {
        let connection = &mut *self.inner;
        let work = async {
            let row = query.inner.fetch_optional(connection).await?;
            Ok(row.map(|row| T::from_row(&row)).transpose()?)
        };
        self.database.traced(query.statement, work).await
    }

    /// Runs a query that answers no row, and says how many rows it changed.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn write(&mut self, query: Query) -> Result<u64, QueryError> {
        let connection = &mut *self.inner;
        let work = async { Ok(query.inner.execute(connection).await?.rows_affected()) };
        self.database.traced(query.statement, work).await
    }

    /// Runs many queries of the same `statement` in one span, and says how many rows each changed.
    /// Without queries, nothing is done, and there is no span.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn write_all(
        &mut self,
        statement: Statement,
        queries: Vec<Query>,
    ) -> Result<Vec<u64>, QueryError> {
        let size = queries.len();
        if size == 0 {
            return Ok(Vec::new());
        }
        let work = execute_all(&mut self.inner, queries);
        self.database.traced_batch(statement, size, work).await
    }

    /// Keeps all that was written.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`]; after [`QueryError::Unavailable`] it may be kept or not.
    pub async fn commit(self) -> Result<(), QueryError> {
        Ok(self.inner.commit().await?)
    }
}
