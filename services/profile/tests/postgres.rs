//! The service over PostgreSQL: the same files, and what happens when the server goes.

mod get_profile;
mod import_profiles;
mod lookup_profiles;
mod outage;
mod publish_events;
mod put_profile;
mod support;
mod watch_profile;
