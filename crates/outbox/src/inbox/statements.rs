//! The tables of the inbox, and what is asked of them.

use database::Statement;

use crate::event::claim;

/// A row stays when its event is done: its id says that it was there. So does that of a dead letter.
pub(super) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS inbox (
        event_id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        created_at_ms BIGINT NOT NULL,
        traceparent TEXT NOT NULL,
        tracestate TEXT NOT NULL,
        baggage TEXT NOT NULL,
        due_at_ms BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        done_at_ms BIGINT
    )",
    "CREATE INDEX IF NOT EXISTS inbox_due ON inbox (done_at_ms, due_at_ms)",
    // Where in its topic an event came from.
    "CREATE TABLE IF NOT EXISTS inbox_places (
        event_id TEXT PRIMARY KEY,
        partition_id BIGINT NOT NULL,
        record_offset BIGINT NOT NULL
    )",
    // From where on each partition of a topic is read.
    "CREATE TABLE IF NOT EXISTS inbox_offsets (
        topic TEXT NOT NULL,
        partition_id BIGINT NOT NULL,
        next_offset BIGINT NOT NULL,
        PRIMARY KEY (topic, partition_id)
    )",
    "CREATE TABLE IF NOT EXISTS dead_letters (
        event_id TEXT PRIMARY KEY,
        attempts BIGINT NOT NULL,
        reason TEXT NOT NULL,
        died_at_ms BIGINT NOT NULL
    )",
];

pub(super) const ACCEPT: Statement = inbox(
    "INSERT",
    "INSERT INTO inbox (event_id, kind, subject, created_at_ms, traceparent, tracestate, baggage, \
     due_at_ms, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT DO NOTHING",
);

pub(super) const COUNT: Statement = inbox(
    "SELECT",
    "SELECT count(*), min(created_at_ms), min(due_at_ms), \
     (SELECT count(*) FROM dead_letters) FROM inbox WHERE done_at_ms IS NULL",
);

/// Rows that are due, and the place of each in its topic, which is null for one that came by a call.
macro_rules! claim_inbox {
    ($lock:literal) => {
        claim!(
            "inbox",
            "done_at_ms IS NULL AND ",
            "attempts = attempts + 1",
            $lock,
            ", (SELECT partition_id FROM inbox_places AS p WHERE p.event_id = inbox.event_id) \
               AS partition_id, \
             (SELECT record_offset FROM inbox_places AS p WHERE p.event_id = inbox.event_id) \
               AS record_offset"
        )
    };
}

pub(super) const CLAIM: Statement = claim_inbox!("");
pub(super) const CLAIM_SKIPPING_LOCKED: Statement = claim_inbox!(" FOR UPDATE SKIP LOCKED");

/// Changes a row for the one who does the work, and no row for all others.
pub(super) const FINISH: Statement = inbox(
    "UPDATE",
    "UPDATE inbox SET done_at_ms = $1 WHERE event_id = $2 AND done_at_ms IS NULL",
);

pub(super) const RETRY: Statement = inbox(
    "UPDATE",
    "UPDATE inbox SET due_at_ms = $1 WHERE event_id = $2 AND done_at_ms IS NULL",
);

pub(super) const FORGET: Statement = Statement {
    operation: "DELETE",
    table: "inbox",
    text: "DELETE FROM inbox WHERE done_at_ms < $1 \
           AND event_id NOT IN (SELECT event_id FROM dead_letters)",
};

pub(super) const FORGET_PLACES: Statement = Statement {
    operation: "DELETE",
    table: "inbox_places",
    text: "DELETE FROM inbox_places WHERE event_id NOT IN (SELECT event_id FROM inbox)",
};

pub(super) const BURY: Statement = Statement {
    operation: "INSERT",
    table: "dead_letters",
    text: "INSERT INTO dead_letters (event_id, attempts, reason, died_at_ms) \
           VALUES ($1, $2, $3, $4)",
};

const fn inbox(operation: &'static str, text: &'static str) -> Statement {
    Statement {
        operation,
        table: "inbox",
        text,
    }
}
