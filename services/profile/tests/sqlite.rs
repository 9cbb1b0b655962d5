//! The service over a file of SQLite: one file for each rpc, and one for the service as a whole.

mod get_profile;
mod import_profiles;
mod lookup_profiles;
mod publish_events;
mod put_profile;
mod service;
mod support;
mod watch_profile;
