use std::time::{SystemTime, UNIX_EPOCH};

use database::{Columns as _, FromRow, Row, RowError};
use tonic_telemetry::messaging::MessageHeaders;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id: unique, and the same each time that it is sent.
    pub id: String,
    /// What happened, as `user.created`.
    pub kind: String,
    /// To whom or what: the id of a user.
    pub subject: String,
    /// When, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// The trace context of the span that made it.
    pub headers: MessageHeaders,
}

impl FromRow<'_, Row> for Event {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self {
            id: row.try_get("event_id")?,
            kind: row.try_get("kind")?,
            subject: row.try_get("subject")?,
            created_at_ms: row.try_get("created_at_ms")?,
            headers: MessageHeaders {
                traceparent: row.try_get("traceparent")?,
                tracestate: row.try_get("tracestate")?,
                baggage: row.try_get("baggage")?,
            },
        })
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// A statement that takes a lease on rows that are due, and returns them: up to `$2` rows that were
/// due at `$1` are due again at `$3`.
///
/// Written twice, since SQLite has no `FOR UPDATE`. The rows are chosen in a query of their own: as a
/// condition of the `UPDATE`, PostgreSQL may choose them more than once.
macro_rules! claim {
    ($table:literal, $waiting:literal, $set:literal, $lock:literal, $further:literal) => {
        database::Statement {
            operation: "UPDATE",
            table: $table,
            text: concat!(
                "WITH due AS (SELECT event_id AS due_id FROM ",
                $table,
                " WHERE ",
                $waiting,
                "due_at_ms <= $1 ORDER BY due_at_ms LIMIT $2",
                $lock,
                ") UPDATE ",
                $table,
                " SET due_at_ms = $3, ",
                $set,
                " FROM due WHERE event_id = due_id RETURNING event_id, kind, subject, \
                 created_at_ms, traceparent, tracestate, baggage, attempts",
                $further
            ),
        }
    };
}
pub(crate) use claim;
