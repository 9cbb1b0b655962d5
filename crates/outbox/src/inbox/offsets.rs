//! What is asked of the tables about a topic.

use database::Statement;

pub(super) const PLACE: Statement = Statement {
    operation: "INSERT",
    table: "inbox_places",
    text: "INSERT INTO inbox_places (event_id, partition_id, record_offset) VALUES ($1, $2, $3) \
           ON CONFLICT DO NOTHING",
};

/// A record that holds no event: no attempt was made.
pub(super) const BURY_RECORD: Statement = Statement {
    operation: "INSERT",
    table: "dead_letters",
    text: "INSERT INTO dead_letters (event_id, attempts, reason, died_at_ms) \
           VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING",
};

pub(super) const OFFSET: Statement = offsets(
    "SELECT",
    "SELECT next_offset FROM inbox_offsets WHERE topic = $1 AND partition_id = $2",
);

/// Never back: another process may have read on.
pub(super) const ADVANCE: Statement = offsets(
    "INSERT",
    "INSERT INTO inbox_offsets (topic, partition_id, next_offset) VALUES ($1, $2, $3) \
     ON CONFLICT (topic, partition_id) DO UPDATE SET next_offset = excluded.next_offset \
     WHERE inbox_offsets.next_offset < excluded.next_offset",
);

pub(super) const SET_OFFSET: Statement = offsets(
    "INSERT",
    "INSERT INTO inbox_offsets (topic, partition_id, next_offset) VALUES ($1, $2, $3) \
     ON CONFLICT (topic, partition_id) DO UPDATE SET next_offset = excluded.next_offset",
);

const fn offsets(operation: &'static str, text: &'static str) -> Statement {
    Statement {
        operation,
        table: "inbox_offsets",
        text,
    }
}
