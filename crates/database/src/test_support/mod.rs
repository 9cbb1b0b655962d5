//! A real PostgreSQL server for tests, from the binaries that the system has installed.
//!
//! A missing binary is a failure with instructions, never a skipped test.

mod binaries;
mod server;

pub use server::{PostgresServer, ServerError};
