//! The users as rows.

use database::{
    Columns as _, Database, DatabaseUrl, FromRow, Query, QueryError, Row, RowError, SetUp,
    Statement,
};
use outbox::{Outbox, Sink, Transport};
use proto::user::v1::User;
use tonic_telemetry::Telemetry;

use super::{Creation, Idempotency, StoreError, milliseconds, seeds, timestamp};

const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS users (
        user_id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        created_at_ms BIGINT NOT NULL,
        idempotency_key TEXT,
        payload_fingerprint TEXT
    )",
    "CREATE UNIQUE INDEX IF NOT EXISTS users_email ON users (email)",
    "CREATE UNIQUE INDEX IF NOT EXISTS users_idempotency_key ON users (idempotency_key)",
];

const SEEDED: Statement = Statement {
    operation: "SELECT",
    table: "users",
    text: "SELECT user_id FROM users WHERE user_id = '1'",
};

const FIND: Statement = Statement {
    operation: "SELECT",
    table: "users",
    text: "SELECT user_id, name, email, created_at_ms FROM users WHERE user_id = $1",
};

const FIND_BY_KEY: Statement = Statement {
    operation: "SELECT",
    table: "users",
    text: "SELECT user_id, name, email, created_at_ms, payload_fingerprint FROM users \
           WHERE idempotency_key = $1",
};

/// The unique indexes decide, not a query before: of two calls at once only one succeeds.
const CREATE: Statement = Statement {
    operation: "INSERT",
    table: "users",
    text: "INSERT INTO users \
           (user_id, name, email, created_at_ms, idempotency_key, payload_fingerprint) \
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
};

/// What spans call the events of this service, unless they go through a topic.
const EVENTS: &str = "user-events";

/// The users in a table, and beside it the events that are not published yet.
#[derive(Clone, Debug)]
pub(crate) struct SqlStore {
    database: Database,
    outbox: Outbox,
}

impl SqlStore {
    /// Opens the database; makes and fills the tables at the first start.
    pub(super) async fn open(
        url: &DatabaseUrl,
        events: &Transport,
        telemetry: &Telemetry,
    ) -> Result<Self, StoreError> {
        let database = Database::open(url, telemetry).await?;
        let seeds = seeds::users().map(|user| insert(&user, None));
        database
            .set_up(SetUp {
                schema: SCHEMA,
                seeded: SEEDED,
                seeds,
            })
            .await
            .map_err(database::OpenError::from)?;
        let outbox = Outbox::open(database.clone(), telemetry, events.destination(EVENTS)).await?;
        Ok(Self { database, outbox })
    }

    pub(super) async fn find(&self, user_id: &str) -> Result<Option<User>, QueryError> {
        let row = self
            .database
            .fetch_optional(FIND.bind(user_id.to_owned()))
            .await?;
        Ok(row.map(|KeptUser(user)| user))
    }

    pub(super) async fn create(
        &self,
        user: &User,
        idempotency: Option<Idempotency>,
    ) -> Result<Creation, QueryError> {
        let mut transaction = self.database.begin().await?;
        if transaction.write(insert(user, idempotency.clone())).await? == 1 {
            self.outbox
                .record(&mut transaction, "user.created", &user.user_id)
                .await?;
            transaction.commit().await?;
            self.outbox.wake();
            return Ok(Creation::Created);
        }
        // Given back before the next query: it has the only lock for writing in SQLite.
        drop(transaction);
        let Some(Idempotency { key, fingerprint }) = idempotency else {
            return Ok(Creation::EmailTaken);
        };
        let first: Option<FirstAnswer> =
            self.database.fetch_optional(FIND_BY_KEY.bind(key)).await?;
        Ok(match first {
            Some(first) if first.fingerprint == fingerprint => Creation::Replayed(first.user),
            Some(_) => Creation::KeyReused,
            None => Creation::EmailTaken,
        })
    }

    pub(super) async fn create_all(&self, mut users: Vec<User>) -> Result<Vec<User>, QueryError> {
        // Two batches that lock the same rows in another order would wait for each other for ever.
        users.sort_by(|left, right| left.email.cmp(&right.email));
        let queries = users.iter().map(|user| insert(user, None)).collect();
        let changed = self.database.write_all(CREATE, queries).await?;
        let kept = users
            .into_iter()
            .zip(changed)
            .filter(|(_, changed)| *changed == 1);
        Ok(kept.map(|(user, _)| user).collect())
    }

    pub(super) async fn watch(&self, report: impl Fn(bool)) {
        self.database.watch(report).await;
    }

    pub(super) async fn relay(&self, sink: impl Sink) {
        self.outbox.clone().relay(sink).await;
    }
}

fn insert(user: &User, idempotency: Option<Idempotency>) -> Query {
    let (key, fingerprint) = idempotency.map(|it| (it.key, it.fingerprint)).unzip();
    CREATE
        .bind(user.user_id.clone())
        .bind(user.name.clone())
        .bind(user.email.clone())
        .bind(milliseconds(user.created_at.unwrap_or_default()))
        .bind(key)
        .bind(fingerprint)
}

/// A row of `FIND`.
struct KeptUser(User);

impl FromRow<'_, Row> for KeptUser {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self(User {
            user_id: row.try_get("user_id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            created_at: Some(timestamp(row.try_get("created_at_ms")?)),
            profile: None,
        }))
    }
}

/// A row of `FIND_BY_KEY`.
struct FirstAnswer {
    user: User,
    fingerprint: String,
}

impl FromRow<'_, Row> for FirstAnswer {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        let KeptUser(user) = KeptUser::from_row(row)?;
        Ok(Self {
            user,
            fingerprint: row.try_get("payload_fingerprint")?,
        })
    }
}
