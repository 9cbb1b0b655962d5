//! A statement, and a statement with its values.

use sqlx::{Any, Encode, Type, any::AnyArguments};

/// One SQL statement, with what its span says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `db.operation.name`: `SELECT`, `INSERT`, ….
    pub operation: &'static str,
    /// `db.collection.name`: the table.
    pub table: &'static str,
    /// `db.query.text`: with `$1`, `$2`, … for values, so it never holds a value.
    pub text: &'static str,
}

impl Statement {
    /// The statement, ready to run: for those without values.
    pub fn query(self) -> Query {
        Query {
            statement: self,
            inner: sqlx::query(self.text),
        }
    }

    /// The statement with its first value, `$1`.
    pub fn bind<T: Encode<'static, Any> + Type<Any>>(self, value: T) -> Query {
        self.query().bind(value)
    }
}

/// A statement with its values.
#[must_use = "a query does nothing until a database runs it"]
pub struct Query {
    pub(crate) statement: Statement,
    pub(crate) inner: sqlx::query::Query<'static, Any, AnyArguments>,
}

impl Query {
    /// Adds the next value.
    pub fn bind<T: Encode<'static, Any> + Type<Any>>(self, value: T) -> Self {
        Self {
            statement: self.statement,
            inner: self.inner.bind(value),
        }
    }
}

impl std::fmt::Debug for Query {
    /// Without the values: they are the callers' data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Query")
            .field("statement", &self.statement)
            .finish_non_exhaustive()
    }
}
