use sqlx::{Database, Execute, SqlStr, error::BoxDynError};

/// A query as it was given: to read its text takes it apart.
pub(crate) struct Statement<DB: Database> {
    sql: SqlStr,
    prepared: Option<DB::Statement>,
    arguments: Option<Result<Option<DB::Arguments>, BoxDynError>>,
    is_persistent: bool,
}

impl<DB: Database> Statement<DB> {
    /// With its text, for the span.
    pub(crate) fn take<'q>(mut query: impl Execute<'q, DB>) -> (Self, String) {
        let statement = Self {
            prepared: query.statement().cloned(),
            arguments: Some(query.take_arguments()),
            is_persistent: query.persistent(),
            sql: query.sql(),
        };
        let text = statement.sql.as_str().to_owned();
        (statement, text)
    }
}

impl<DB: Database> Execute<'_, DB> for Statement<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.prepared.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        self.arguments.take().unwrap_or(Ok(None))
    }

    fn persistent(&self) -> bool {
        self.is_persistent
    }
}
