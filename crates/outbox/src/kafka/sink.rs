use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use rskafka::{client::partition::Compression, record::Record};
use tokio::sync::Mutex;

use super::{
    KafkaUrl,
    client::{Topic, bounded},
    partitioner::partition,
    record::record,
};
use crate::{Event, Failure, Sink};

/// Sends events to a topic of Kafka, each as a [`CloudEvent`] in JSON whose key is the subject. A
/// batch is taken when all in-sync replicas have it.
///
/// [`CloudEvent`]: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
#[derive(Debug)]
pub struct KafkaSink {
    url: KafkaUrl,
    source: &'static str,
    /// `None` before the first batch, and after one that was not taken.
    topic: Mutex<Option<Topic>>,
}

impl KafkaSink {
    /// A sink that connects at the first batch, and makes the topic if it is missing. `source` is the
    /// `source` of the events: a URI reference of the service that makes them, as `/user`.
    #[must_use]
    pub fn new(url: KafkaUrl, source: &'static str) -> Self {
        Self {
            url,
            source,
            topic: Mutex::new(None),
        }
    }

    /// The records of each partition, in the order of the events.
    fn records(&self, events: &[Event], partitions: usize) -> BTreeMap<usize, Vec<Record>> {
        let mut records = BTreeMap::<_, Vec<_>>::new();
        for event in events {
            let partition = partition(event.subject.as_bytes(), partitions);
            let record = record(event, self.source);
            records.entry(partition).or_default().push(record);
        }
        records
    }
}

impl Sink for KafkaSink {
    async fn publish(&self, events: &[Event]) -> Result<(), Failure> {
        let mut open = self.topic.lock().await;
        let topic = match open.take() {
            Some(topic) => topic,
            None => Topic::open(&self.url).await?,
        };
        let records = self.records(events, topic.partitions.len());
        let writes = records.into_iter().map(|(partition, records)| {
            topic.partitions[partition].produce(records, Compression::NoCompression)
        });
        bounded(try_join_all(writes)).await?;
        *open = Some(topic);
        Ok(())
    }
}
