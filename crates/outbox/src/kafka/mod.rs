//! Events through a topic of Kafka: records, the sink that writes them, the reader that takes them.
//!
//! ```text
//!  relay ─► KafkaSink ─► partition 0 ─► Reader ─► one transaction: inbox, place of each record,
//!                    └─► partition 1 ─►                            dead letters, next offset
//!                    └─► partition 2 ─►
//! ```
//!
//! The client, `rskafka`, has no consumer groups: each process reads all partitions, from the offset
//! in its database. The offset is written in the transaction that keeps the events, so neither can
//! be ahead of the other; and processes that share a database share the offset.

mod url;

#[cfg(not(feature = "kafka"))]
mod absent;
#[cfg(feature = "kafka")]
mod client;
#[cfg(feature = "kafka")]
mod fetch;
#[cfg(feature = "kafka")]
mod partitioner;
#[cfg(feature = "kafka")]
mod reader;
#[cfg(feature = "kafka")]
mod record;
#[cfg(feature = "kafka")]
mod sink;

#[cfg(not(feature = "kafka"))]
pub use absent::KafkaSink;
#[cfg(not(feature = "kafka"))]
pub(crate) use absent::Reader;
#[cfg(feature = "kafka")]
pub(crate) use reader::Reader;
#[cfg(feature = "kafka")]
pub use sink::KafkaSink;
pub use url::{KafkaUrl, Transport, TransportError};
