//! The service over PostgreSQL: the same files.

mod create_user;
mod events;
mod get_user;
mod import_users;
mod lookup_users;
mod support;
mod watch_user;
