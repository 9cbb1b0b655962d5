//! Databases for tests, and a real PostgreSQL server from the binaries of the system.
//!
//! A missing binary is a failure with instructions, never a skipped test.

mod binaries;
mod database;
mod error;
mod server;

pub use database::TestDatabase;
pub use error::ServerError;
pub use server::PostgresServer;
