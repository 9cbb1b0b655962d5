//! A topic of a real Kafka, and who writes and reads it.

use std::sync::Arc;

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;
use outbox::{Destination, Event, KafkaSink, KafkaUrl, Outbox, Sink, Transport};
use test_support::kafka::Kafka;
use tokio::task::JoinSet;

use crate::support::{Side, Work, until};

/// A topic of a broker, and a side that writes to it and one that reads it.
pub(crate) struct Topic {
    kafka: Arc<Kafka>,
    transport: Transport,
    url: KafkaUrl,
    /// What runs until the end of the test.
    pub(crate) tasks: JoinSet<()>,
}

impl Topic {
    pub(crate) fn of(kafka: Arc<Kafka>) -> Self {
        let transport: Transport = kafka.new_topic().parse().expect("a URL of Kafka");
        let Transport::Kafka(url) = transport.clone() else {
            panic!("no Kafka: {transport}")
        };
        Self {
            kafka,
            transport,
            url,
            tasks: JoinSet::new(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.url.topic()
    }

    pub(crate) fn destination(&self) -> Destination {
        self.transport.destination("orders")
    }

    pub(crate) fn sink(&self) -> KafkaSink {
        KafkaSink::new(self.url.clone(), "/shop")
    }

    /// Has a side write to the topic.
    pub(crate) async fn relay(&mut self, user: &Side, sink: impl Sink + 'static) -> Outbox {
        let outbox = user.outbox_to(self.destination()).await;
        self.tasks.spawn(outbox.clone().relay(sink));
        outbox
    }

    /// Has a side read the topic, and handle what it reads.
    pub(crate) async fn consume(&mut self, profile: &Side) {
        let inbox = profile.inbox_from(self.destination()).await;
        self.tasks
            .spawn(inbox.clone().read(self.url.clone(), check));
        self.tasks.spawn(inbox.consume(Work));
    }

    /// Runs one of Kafka's programs on the topic.
    pub(crate) fn run(&self, class: &str, words: &[&str], input: &str) -> String {
        let broker = self.kafka.address();
        let all = [
            &["--bootstrap-server", &broker, "--topic", self.name()],
            words,
        ]
        .concat();
        self.kafka
            .run(&format!("org.apache.kafka.tools.{class}"), &all, input)
    }
}

fn check(event: &Event) -> Result<(), String> {
    match event.subject.as_str() {
        "refused" => Err("expected another subject".to_owned()),
        _ => Ok(()),
    }
}

pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|it| it.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

pub(crate) async fn until_handled(profile: &Side, subjects: usize) {
    until("all are handled", async || {
        profile.effects().await.len() == subjects
    })
    .await;
}

/// The name of the spans of an operation on a topic.
pub(crate) fn span_name(topic: &Topic, operation: &str) -> String {
    format!("{operation} {}", topic.name())
}
