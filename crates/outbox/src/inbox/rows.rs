//! What the inbox answers.

use database::{Columns as _, FromRow, Row, RowError};

use crate::{Event, metrics::Count};

/// An event whose lease is ours.
pub(super) struct Claimed {
    pub(super) event: Event,
    pub(super) attempt: u32,
}

impl FromRow<'_, Row> for Claimed {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self {
            event: Event::from_row(row)?,
            attempt: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
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
