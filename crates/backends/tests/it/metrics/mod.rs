//! Scraping and the query API over real sockets, in the test's process.

mod alerts;
mod hostile;
mod questions;
mod scraping;
pub(crate) mod server;
pub(crate) mod target;
