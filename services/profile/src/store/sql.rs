//! The profiles as rows.

use database::{
    Columns as _, Database, DatabaseUrl, FromRow, Query, QueryError, Row, RowError, SetUp,
    Statement,
};
use outbox::{Event, Inbox, KafkaUrl, Transport};
use proto::profile::v1::Profile;
use tonic_resilience::server::layers::inject_fault::InjectFaultLayer;
use tonic_telemetry::Telemetry;

use super::{StoreError, audit::Audit, seeds, timestamp};

/// What spans call the events, as the user service does, unless they come through a topic.
const EVENTS: &str = "user-events";
/// The span attribute with the number of an attempt to handle an event.
const ATTEMPT: &str = "tracewalk.event.attempt";

const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS profiles (
        user_id TEXT PRIMARY KEY,
        bio TEXT NOT NULL,
        city TEXT NOT NULL,
        updated_at_ms BIGINT NOT NULL
    )",
    super::audit::SCHEMA,
];

const SEEDED: Statement = Statement {
    operation: "SELECT",
    table: "profiles",
    text: "SELECT user_id FROM profiles WHERE user_id = '1'",
};

const FIND: Statement = Statement {
    operation: "SELECT",
    table: "profiles",
    text: "SELECT user_id, bio, city, updated_at_ms FROM profiles WHERE user_id = $1",
};

/// The time stays when nothing else changes: repeating a call changes nothing.
const PUT: Statement = Statement {
    operation: "INSERT",
    table: "profiles",
    text: "INSERT INTO profiles (user_id, bio, city, updated_at_ms) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (user_id) DO UPDATE SET \
           updated_at_ms = CASE \
           WHEN profiles.bio = excluded.bio AND profiles.city = excluded.city \
           THEN profiles.updated_at_ms ELSE excluded.updated_at_ms END, \
           bio = excluded.bio, city = excluded.city \
           RETURNING user_id, bio, city, updated_at_ms",
};

/// The profiles in a table, and beside it the events that were taken, with their effect.
#[derive(Clone, Debug)]
pub(crate) struct SqlStore {
    database: Database,
    inbox: Inbox,
}

impl SqlStore {
    /// Opens the database; makes and fills the tables at the first start.
    pub(super) async fn open(
        url: &DatabaseUrl,
        events: &Transport,
        telemetry: &Telemetry,
    ) -> Result<Self, StoreError> {
        let database = Database::open(url, telemetry).await?;
        let seeds = seeds::profiles().map(|profile| insert(profile, seeds::WRITTEN_AT_MS));
        database
            .set_up(SetUp {
                schema: SCHEMA,
                seeded: SEEDED,
                seeds,
            })
            .await
            .map_err(database::OpenError::from)?;
        let destination = events.destination(EVENTS);
        let inbox = Inbox::open(database.clone(), telemetry, destination, ATTEMPT).await?;
        Ok(Self { database, inbox })
    }

    pub(super) async fn find(&self, user_id: &str) -> Result<Option<Profile>, QueryError> {
        let row = self
            .database
            .fetch_optional(FIND.bind(user_id.to_owned()))
            .await?;
        Ok(row.map(|KeptProfile(profile)| profile))
    }

    pub(super) async fn put(&self, profile: Profile, now_ms: i64) -> Result<Profile, QueryError> {
        let KeptProfile(kept) = self.database.fetch_one(insert(profile, now_ms)).await?;
        Ok(kept)
    }

    pub(super) async fn put_all(
        &self,
        mut profiles: Vec<Profile>,
        now_ms: i64,
    ) -> Result<(), QueryError> {
        // Two batches that lock the same rows in another order would wait for each other for ever.
        profiles.sort_by(|left, right| left.user_id.cmp(&right.user_id));
        let queries = profiles
            .into_iter()
            .map(|profile| insert(profile, now_ms))
            .collect();
        self.database.write_all(PUT, queries).await.map(drop)
    }

    pub(super) async fn accept(&self, events: Vec<Event>) -> Result<(), QueryError> {
        self.inbox.accept(events).await
    }

    pub(super) async fn read(
        &self,
        url: KafkaUrl,
        check: impl Fn(&Event) -> Result<(), String> + Send + Sync,
    ) {
        self.inbox.clone().read(url, check).await;
    }

    pub(super) async fn consume(&self, faults: Option<InjectFaultLayer>) {
        self.inbox.clone().consume(Audit { faults }).await;
    }

    pub(super) async fn watch(&self, report: impl Fn(bool)) {
        self.database.watch(report).await;
    }
}

fn insert(profile: Profile, now_ms: i64) -> Query {
    PUT.bind(profile.user_id)
        .bind(profile.bio)
        .bind(profile.city)
        .bind(now_ms)
}

/// A row of `FIND` or `PUT`.
struct KeptProfile(Profile);

impl FromRow<'_, Row> for KeptProfile {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self(Profile {
            user_id: row.try_get("user_id")?,
            bio: row.try_get("bio")?,
            city: row.try_get("city")?,
            updated_at: Some(timestamp(row.try_get("updated_at_ms")?)),
        }))
    }
}
