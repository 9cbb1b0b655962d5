//! Takes the records of all partitions into an inbox.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use rskafka::{client::partition::PartitionClient, record::RecordAndOffset};
use tokio::{sync::Mutex, time::timeout};

use super::{
    KafkaUrl,
    client::Topic,
    fetch::{Fetched, earliest, fetch},
    record::event,
};
use crate::{Event, Failure, Inbox, inbox::Taken, work::Rounds};

/// How often the partitions of the topic are looked up: it may have got more.
const LOOK_UP: Duration = Duration::from_mins(1);
/// How many records are kept in one transaction: fewer than the links that a span keeps, 128.
const BATCH: usize = 100;

/// Reads a topic; `check` says what is wrong with an event, for the table of dead letters.
#[derive(Debug)]
pub(crate) struct Reader<C> {
    inbox: Inbox,
    url: KafkaUrl,
    check: C,
    /// `None` at first, and after a failure.
    topic: Mutex<Option<Topic>>,
}

impl<C> Reader<C> {
    pub(crate) fn new(inbox: Inbox, url: KafkaUrl, check: C) -> Self {
        Self {
            inbox,
            url,
            check,
            topic: Mutex::new(None),
        }
    }
}

impl<C: Fn(&Event) -> Result<(), String> + Send + Sync> Rounds for Reader<C> {
    /// Connects and reads what is there already; or reads for a minute what comes.
    async fn round(&self) -> Result<Duration, Failure> {
        let mut open = self.topic.lock().await;
        if let Some(topic) = open.take() {
            let work = topic.partitions.iter().map(|it| self.follow(it));
            // After the time it connects anew.
            if let Ok(ended) = timeout(LOOK_UP, try_join_all(work)).await {
                ended?;
            }
        } else {
            let topic = Topic::open(&self.url).await?;
            let work = topic.partitions.iter().map(|it| self.read(it, false));
            try_join_all(work).await?;
            *open = Some(topic);
        }
        Ok(Duration::ZERO)
    }
}

impl<C: Fn(&Event) -> Result<(), String> + Send + Sync> Reader<C> {
    /// Reads a partition until that fails.
    async fn follow(&self, partition: &Arc<PartitionClient>) -> Result<(), Failure> {
        loop {
            self.read(partition, true).await?;
        }
    }

    /// Reads a partition once. The offset is that of the database: another process may have read on.
    async fn read(&self, partition: &PartitionClient, waits: bool) -> Result<(), Failure> {
        let (topic, id) = (partition.topic(), partition.partition());
        let offset = match self.inbox.next_offset(topic, id).await? {
            Some(offset) => offset,
            None => earliest(partition).await?,
        };
        match fetch(partition, offset, waits).await? {
            Fetched::Records(records, end) => self.keep(partition, records, end).await,
            Fetched::NoRecord => self.inbox.take(topic, id, Vec::new(), offset + 1).await,
            Fetched::Unreadable(reason) => {
                let taken = Taken {
                    offset,
                    event: Err(format!("the record cannot be read: {reason}")),
                };
                self.inbox.take(topic, id, vec![taken], offset + 1).await
            }
            Fetched::OutOfRange => self.begin_again(partition, offset).await,
        }
    }

    async fn keep(
        &self,
        partition: &PartitionClient,
        records: Vec<RecordAndOffset>,
        end: i64,
    ) -> Result<(), Failure> {
        let (topic, id) = (partition.topic(), partition.partition());
        let mut next = records.first().map_or(end, |record| record.offset);
        let mut taken: Vec<_> = records.into_iter().map(|it| self.taken(it)).collect();
        while !taken.is_empty() {
            let rest = taken.split_off(taken.len().min(BATCH));
            next = taken.last().map_or(next, |last| last.offset + 1);
            self.inbox.take(topic, id, taken, next).await?;
            taken = rest;
        }
        self.inbox.lag(id, end - next);
        Ok(())
    }

    fn taken(&self, RecordAndOffset { record, offset }: RecordAndOffset) -> Taken {
        let event = event(record).and_then(|event| {
            (self.check)(&event)?;
            Ok(event)
        });
        Taken { offset, event }
    }

    /// The topic was made anew, or has forgotten what was not read yet.
    async fn begin_again(&self, partition: &PartitionClient, lost: i64) -> Result<(), Failure> {
        let (topic, id) = (partition.topic(), partition.partition());
        let earliest = earliest(partition).await?;
        tracing::warn!(
            topic,
            partition = id,
            "offset {lost} is not there: goes on at the first, {earliest}"
        );
        self.inbox.set_offset(topic, id, earliest).await
    }
}
