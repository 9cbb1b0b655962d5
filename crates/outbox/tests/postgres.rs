//! The queue over databases of PostgreSQL.

mod queue;
mod support;
