//! The users: in a database, or in memory for benchmarks.

mod idempotency;
mod memory;
mod seeds;
mod sql;

pub(crate) use idempotency::Idempotency;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use database::{DatabaseUrl, QueryError};
use outbox::{Sink, Transport};
use proto::{
    profile::v1::Profile,
    user::v1::{NewUser, User},
};
use tonic_resilience::server::health::Health;
use tonic_telemetry::Telemetry;
use uuid::Uuid;

use memory::MemoryStore;
use sql::SqlStore;

/// Where the users are. It keeps everything of a [`User`] but the profile.
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
    Outbox(#[from] outbox::OpenError),
}

/// What became of a request to create a user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Creation {
    /// The user was made.
    Created,
    /// The key came before with the same payload: this is the user that was made then.
    Replayed(User),
    /// The key came before with another payload.
    KeyReused,
    /// Another user has the e-mail address.
    EmailTaken,
}

impl Store {
    /// Opens the store; the users `1` to `1000` are in it.
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

    /// The user of an id.
    pub(crate) async fn find(&self, user_id: &str) -> Result<Option<User>, QueryError> {
        match self {
            Self::Sql(store) => store.find(user_id).await,
            Self::Memory(store) => Ok(store.find(user_id)),
        }
    }

    /// Keeps a user and the event that says so, unless the e-mail address or the idempotency key came
    /// before.
    pub(crate) async fn create(
        &self,
        user: &User,
        idempotency: Option<Idempotency>,
    ) -> Result<Creation, QueryError> {
        match self {
            Self::Sql(store) => store.create(user, idempotency).await,
            Self::Memory(store) => Ok(store.create(user, idempotency)),
        }
    }

    /// Keeps those whose e-mail address is free, all or none of them; answers those kept.
    pub(crate) async fn create_all(&self, users: Vec<User>) -> Result<Vec<User>, QueryError> {
        match self {
            Self::Sql(store) => store.create_all(users).await,
            Self::Memory(store) => Ok(users
                .into_iter()
                .filter(|user| store.create(user, None) == Creation::Created)
                .collect()),
        }
    }

    /// Publishes the events of the store. Never ends. Users in memory have no events: an outbox that
    /// is lost with the process would promise too much.
    pub(crate) async fn relay(self, sink: impl Sink) {
        match self {
            Self::Sql(store) => store.relay(sink).await,
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

/// Gives a user an id and a time of creation, and its profile this id.
pub(crate) fn draft(new: NewUser) -> User {
    let NewUser {
        name,
        email,
        bio,
        city,
    } = new;
    let user_id = Uuid::new_v4().to_string();
    let profile = Profile {
        user_id: user_id.clone(),
        bio,
        city,
        updated_at: None,
    };
    User {
        user_id,
        name,
        email,
        created_at: Some(timestamp(now_ms())),
        profile: Some(profile),
    }
}

/// Milliseconds since the Unix epoch: what the database keeps, so no answer is more precise.
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

/// The time as the database has it.
fn milliseconds(time: prost_types::Timestamp) -> i64 {
    time.seconds * 1000 + i64::from(time.nanos) / 1_000_000
}
