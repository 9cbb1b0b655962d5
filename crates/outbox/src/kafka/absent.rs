//! Without the feature `kafka` nobody has a [`KafkaUrl`], so nothing here is ever called.

use std::time::Duration;

use super::KafkaUrl;
use crate::{Event, Failure, Inbox, Sink, work::Rounds};

/// Sends events to a topic of Kafka; only with the feature `kafka`.
#[derive(Debug)]
pub struct KafkaSink(KafkaUrl);

impl KafkaSink {
    /// As with the feature.
    #[must_use]
    pub fn new(url: KafkaUrl, _source: &'static str) -> Self {
        Self(url)
    }
}

impl Sink for KafkaSink {
    async fn publish(&self, _: &[Event]) -> Result<(), Failure> {
        match self.0.built {}
    }
}

pub(crate) struct Reader(KafkaUrl);

impl Reader {
    pub(crate) fn new<C>(_: Inbox, url: KafkaUrl, _: C) -> Self {
        Self(url)
    }
}

impl Rounds for Reader {
    async fn round(&self) -> Result<Duration, Failure> {
        match self.0.built {}
    }
}
