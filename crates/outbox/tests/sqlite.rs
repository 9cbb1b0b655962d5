//! The queue over files of SQLite.

mod queue;
mod support;
