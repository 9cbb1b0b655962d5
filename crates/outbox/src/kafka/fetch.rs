//! Records of a partition from an offset on.

use std::ops::Range;

use rskafka::{
    client::{
        error::{Error, ProtocolError, RequestError},
        partition::{OffsetAt, PartitionClient},
    },
    record::RecordAndOffset,
};

use super::client::bounded;
use crate::Failure;

/// How many bytes of records are asked for at once.
const BYTES: Range<i32> = 1..1_000_000;
/// The broker sends one batch of records, whatever its size.
const ONE_BATCH: Range<i32> = 1..2;
/// How long the broker waits for a record where there is none.
const WAIT_MS: i32 = 1000;

/// What there is from an offset on.
pub(super) enum Fetched {
    /// Records, maybe none, and the offset behind the last record of the partition.
    Records(Vec<RecordAndOffset>, i64),
    /// The record at the offset cannot be read; why.
    Unreadable(String),
    /// There is no record at the offset, and there are some behind it: it marks the end of a
    /// transaction, or was compacted away.
    NoRecord,
    /// The partition has no such offset: its records begin later, or end before.
    OutOfRange,
}

/// Fetches records. Waits up to a second for the first one, or not at all.
///
/// # Errors
/// Why Kafka does not answer.
pub(super) async fn fetch(
    partition: &PartitionClient,
    offset: i64,
    waits: bool,
) -> Result<Fetched, Failure> {
    let wait_ms = if waits { WAIT_MS } else { 0 };
    match attempt(partition, offset, BYTES, wait_ms).await? {
        // A batch that can be read may come before the one that cannot.
        Fetched::Unreadable(_) => attempt(partition, offset, ONE_BATCH, 0).await,
        Fetched::Records(records, end) if records.is_empty() && end > offset => {
            nothing(partition, offset, end).await
        }
        fetched => Ok(fetched),
    }
}

/// Why there is nothing before the end: a transaction is open, or there is no record at the offset.
///
/// Asks for the end of the last transaction before it fetches again: what lies before it is there.
async fn nothing(partition: &PartitionClient, offset: i64, end: i64) -> Result<Fetched, Failure> {
    let stable = bounded(partition.get_offset(OffsetAt::Latest)).await?;
    if stable <= offset {
        return Ok(Fetched::Records(Vec::new(), end));
    }
    match attempt(partition, offset, ONE_BATCH, 0).await? {
        Fetched::Records(records, _) if records.is_empty() => Ok(Fetched::NoRecord),
        fetched => Ok(fetched),
    }
}

async fn attempt(
    partition: &PartitionClient,
    offset: i64,
    bytes: Range<i32>,
    wait_ms: i32,
) -> Result<Fetched, Failure> {
    let fetch = async {
        match partition.fetch_records(offset, bytes, wait_ms).await {
            Ok((records, end)) => Ok(Fetched::Records(records, end)),
            Err(Error::Request(RequestError::ReadVersionedError(error))) => {
                Ok(Fetched::Unreadable(error.to_string()))
            }
            Err(Error::ServerError {
                protocol_error: ProtocolError::OffsetOutOfRange,
                ..
            }) => Ok(Fetched::OutOfRange),
            Err(error) => Err(error),
        }
    };
    bounded(fetch).await
}

/// The first offset of the partition.
///
/// # Errors
/// Why Kafka does not answer.
pub(super) async fn earliest(partition: &PartitionClient) -> Result<i64, Failure> {
    bounded(partition.get_offset(OffsetAt::Earliest)).await
}
