//! SQL for services: opens SQLite or PostgreSQL, and traces each query by the conventions.
//!
//! ```text
//!   sqlite:data/user.db   ──┐                   ┌── Statement ── bind ──► Query
//!                           ├── Database::open ─┤
//!   postgres://host/name  ──┘                   └── fetch_one, fetch_optional, write_all
//!                                                     │ one CLIENT span each
//! ```
//!
//! One text serves both databases: both read `$1`, `ON CONFLICT` and `RETURNING`. The differences —
//! files and folders, locks, error codes — stay inside this crate. Tables and statements belong to
//! the services.
//!
//! ```no_run
//! use database::{Database, Statement};
//!
//! const FIND: Statement = Statement {
//!     operation: "SELECT",
//!     table: "users",
//!     text: "SELECT name FROM users WHERE user_id = $1",
//! };
//!
//! # async fn example(telemetry: &tonic_telemetry::Telemetry) -> Result<(), Box<dyn std::error::Error>> {
//! let database = Database::open(&"sqlite:data/user.db".parse()?, telemetry).await?;
//! let found: Option<(String,)> = database.fetch_optional(FIND.bind("1".to_owned())).await?;
//! # Ok(())
//! # }
//! ```

mod address;
mod error;
mod open;
mod probe;
mod query;
mod set_up;
mod statement;
#[cfg(feature = "test-support")]
pub mod test_support;
mod transaction;
mod url;

pub use error::{OpenError, QueryError};
pub use open::Database;
pub use set_up::SetUp;
pub use sqlx::{Error as RowError, FromRow, Row as Columns, any::AnyRow as Row};
pub use statement::{Query, Statement};
pub use tonic_telemetry::database::System;
pub use transaction::Transaction;
pub use url::DatabaseUrl;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
