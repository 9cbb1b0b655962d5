//! What the inbox answers.

use database::{Columns as _, FromRow, Row, RowError};
use opentelemetry::KeyValue;
use tonic_telemetry::conventions::{MESSAGING_DESTINATION_PARTITION_ID, MESSAGING_KAFKA_OFFSET};

use crate::{Event, metrics::Count};

/// An event whose lease is ours.
pub(super) struct Claimed {
    pub(super) event: Event,
    pub(super) attempt: u32,
    place: Option<(i64, i64)>,
}

impl Claimed {
    /// Where in its topic the event came from: the partition and the offset, as attributes.
    pub(super) fn place(&self) -> Vec<KeyValue> {
        self.place.map_or_else(Vec::new, |(partition, offset)| {
            vec![
                KeyValue::new(MESSAGING_DESTINATION_PARTITION_ID, partition.to_string()),
                KeyValue::new(MESSAGING_KAFKA_OFFSET, offset),
            ]
        })
    }
}

impl FromRow<'_, Row> for Claimed {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        let partition = row.try_get::<Option<i64>, _>("partition_id")?;
        Ok(Self {
            event: Event::from_row(row)?,
            attempt: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
            place: partition.zip(row.try_get("record_offset")?),
        })
    }
}

/// What waits, and how many events are dead letters.
pub(super) struct InboxCount(pub(super) Count, pub(super) i64);

impl FromRow<'_, Row> for InboxCount {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self(Count::from_row(row)?, row.try_get(3)?))
    }
}
