//! The service over a file of SQLite: one file for each rpc, and one for the service as a whole.

mod create_user;
mod events;
mod get_user;
mod import_users;
mod lookup_users;
mod service;
mod support;
mod watch_user;
