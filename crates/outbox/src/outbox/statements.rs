//! The table of the outbox, and what is asked of it.

use database::Statement;

use crate::event::claim;

pub(super) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS outbox (
        event_id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        created_at_ms BIGINT NOT NULL,
        traceparent TEXT NOT NULL,
        tracestate TEXT NOT NULL,
        baggage TEXT NOT NULL,
        due_at_ms BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        claim TEXT
    )",
    "CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_at_ms)",
];

pub(super) const RECORD: Statement = Statement {
    operation: "INSERT",
    table: "outbox",
    text: "INSERT INTO outbox (event_id, kind, subject, created_at_ms, traceparent, tracestate, \
           baggage, due_at_ms, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
};

pub(super) const COUNT: Statement = Statement {
    operation: "SELECT",
    table: "outbox",
    text: "SELECT count(*), min(created_at_ms), min(due_at_ms) FROM outbox",
};

pub(super) const CLAIM: Statement =
    claim!("outbox", "", "claim = $4, attempts = attempts + 1", "", "");
pub(super) const CLAIM_SKIPPING_LOCKED: Statement = claim!(
    "outbox",
    "",
    "claim = $4, attempts = attempts + 1",
    " FOR UPDATE SKIP LOCKED",
    ""
);

pub(super) const DELETE: Statement = Statement {
    operation: "DELETE",
    table: "outbox",
    text: "DELETE FROM outbox WHERE claim = $1",
};

pub(super) const RELEASE: Statement = Statement {
    operation: "UPDATE",
    table: "outbox",
    text: "UPDATE outbox SET due_at_ms = $1, claim = NULL WHERE claim = $2",
};
