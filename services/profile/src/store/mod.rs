//! The profiles: in a database, or in memory for benchmarks.

mod audit;
mod memory;
mod seeds;
mod sql;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use database::{DatabaseUrl, QueryError};
use outbox::{Event, KafkaUrl, Transport};
use proto::profile::v1::Profile;
use tonic_resilience::server::{health::Health, layers::inject_fault::InjectFaultLayer};
use tonic_telemetry::Telemetry;

use memory::MemoryStore;
use sql::SqlStore;

/// Where the profiles are.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    Sql(Arc<SqlStore>),
    Memory(MemoryStore),
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not open.
    #[error(transparent)]
    Database(#[from] database::OpenError),
    /// The events have no place in it.
    #[error(transparent)]
    Inbox(#[from] outbox::OpenError),
}

impl Store {
    /// Opens the store; the profiles of the users `1` to `1000` are in it.
    pub(crate) async fn open(
        url: &DatabaseUrl,
        events: &Transport,
        telemetry: &Telemetry,
    ) -> Result<Self, StoreError> {
        if url.is_memory() {
            return Ok(Self::Memory(MemoryStore::new()));
        }
        let store = SqlStore::open(url, events, telemetry).await?;
        Ok(Self::Sql(Arc::new(store)))
    }

    /// The profile of a user.
    pub(crate) async fn find(&self, user_id: &str) -> Result<Option<Profile>, QueryError> {
        match self {
            Self::Sql(store) => store.find(user_id).await,
            Self::Memory(store) => Ok(store.find(user_id)),
        }
    }

    /// Stores a profile, and returns it as it is stored.
    ///
    /// If an equal one is stored already, nothing changes, not even `updated_at`.
    pub(crate) async fn put(&self, profile: Profile) -> Result<Profile, QueryError> {
        let now_ms = now_ms();
        match self {
            Self::Sql(store) => store.put(profile, now_ms).await,
            Self::Memory(store) => Ok(store.put(profile, now_ms)),
        }
    }

    /// Keeps all of these or none.
    pub(crate) async fn put_all(&self, profiles: Vec<Profile>) -> Result<(), QueryError> {
        let now_ms = now_ms();
        match self {
            Self::Sql(store) => store.put_all(profiles, now_ms).await,
            Self::Memory(store) => {
                for profile in profiles {
                    store.put(profile, now_ms);
                }
                Ok(())
            }
        }
    }

    /// Keeps events, to be handled by [`Store::consume`]. In memory there is no audit log: what an
    /// event would do there is nothing.
    pub(crate) async fn accept(&self, events: Vec<Event>) -> Result<(), QueryError> {
        match self {
            Self::Sql(store) => store.accept(events).await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// Keeps the events of a topic, as [`accept`](Self::accept) does; `check` says what is wrong with
    /// one. Never ends.
    pub(crate) async fn read(
        self,
        url: KafkaUrl,
        check: impl Fn(&Event) -> Result<(), String> + Send + Sync,
    ) {
        match self {
            Self::Sql(store) => store.read(url, check).await,
            Self::Memory(_) => std::future::pending().await,
        }
    }

    /// Handles the events that were kept. Never ends.
    pub(crate) async fn consume(self, faults: Option<InjectFaultLayer>) {
        match self {
            Self::Sql(store) => store.consume(faults).await,
            Self::Memory(_) => std::future::pending().await,
        }
    }

    /// Reports to the health of the service when the database cannot be reached and when it is
    /// back. Never ends.
    pub(crate) async fn watch(self, health: Health) {
        let report = |is_there| health.follow(is_there, "the database is down");
        match self {
            Self::Sql(store) => store.watch(report).await,
            Self::Memory(_) => std::future::pending().await,
        }
    }
}

/// Milliseconds since the Unix epoch.
fn now_ms() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// The time as messages have it.
pub(crate) fn timestamp(ms: i64) -> prost_types::Timestamp {
    let nanos = i32::try_from(ms.rem_euclid(1000) * 1_000_000).expect("less than a second");
    prost_types::Timestamp {
        seconds: ms.div_euclid(1000),
        nanos,
    }
}
