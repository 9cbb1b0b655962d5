#![doc = include_str!("../README.md")]

mod connection;
mod database;
mod pool;
mod statement;
mod traced;

pub use connection::{Connection, PoolConnection, Transaction};
pub use database::TracedDatabase;
pub use pool::Pool;

/// In place of `sqlx::PgPool`.
#[cfg(feature = "postgres")]
pub type PgPool = Pool<sqlx::Postgres>;
/// In place of `sqlx::PgConnection`, where a function takes `&mut PgConnection`.
#[cfg(feature = "postgres")]
pub type PgConnection = Connection<sqlx::Postgres>;
/// In place of `sqlx::SqlitePool`.
#[cfg(feature = "sqlite")]
pub type SqlitePool = Pool<sqlx::Sqlite>;
/// In place of `sqlx::SqliteConnection`, where a function takes `&mut SqliteConnection`.
#[cfg(feature = "sqlite")]
pub type SqliteConnection = Connection<sqlx::Sqlite>;
