//! Making and filling the tables at the first start.

use sqlx::{Any, Executor as _, Transaction};
use tonic_telemetry::database::System;

use crate::{Database, Query, QueryError, Statement};

/// An arbitrary number, the same for every process: the process with this lock makes the tables.
const LOCK: &str = "SELECT pg_advisory_xact_lock(747263776)";

/// What must exist before a service can serve.
#[derive(Debug)]
pub struct SetUp<Seeds> {
    /// `CREATE … IF NOT EXISTS` statements, in order.
    pub schema: &'static [&'static str],
    /// A query that has a row when the seeds are there.
    pub seeded: Statement,
    /// Inserts of the rows that always exist.
    pub seeds: Seeds,
}

impl Database {
    /// Makes the tables and fills them, unless that was done before.
    ///
    /// All or nothing, and one process at a time: replicas may start together. No spans are made,
    /// for there is no call that these queries would belong to.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn set_up<Seeds>(&self, set_up: SetUp<Seeds>) -> Result<(), QueryError>
    where
        Seeds: IntoIterator<Item = Query>,
    {
        let mut transaction = self.create(set_up.schema).await?;
        if transaction
            .fetch_optional(set_up.seeded.text)
            .await?
            .is_none()
        {
            for seed in set_up.seeds {
                seed.inner.execute(&mut *transaction).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Makes tables, unless they are there, as [`set_up`](Self::set_up) does, and leaves them empty.
    ///
    /// # Errors
    /// As [`Database::fetch_optional`].
    pub async fn create_tables(&self, schema: &[&'static str]) -> Result<(), QueryError> {
        Ok(self.create(schema).await?.commit().await?)
    }

    async fn create(&self, schema: &[&'static str]) -> sqlx::Result<Transaction<'static, Any>> {
        let mut transaction = self.pool.begin_with(self.begin_writing()).await?;
        if self.system == System::Postgresql {
            // `IF NOT EXISTS` alone fails when two processes create the same table at once.
            transaction.execute(LOCK).await?;
        }
        for statement in schema {
            transaction.execute(*statement).await?;
        }
        Ok(transaction)
    }
}
