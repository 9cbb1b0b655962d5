//! What goes away: the broker, the topic, the relay before it has deleted its batch.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use database::Statement;
use outbox::{Event, Failure, KafkaSink, Sink};
use test_support::kafka::Kafka;

use crate::select;
use crate::support::{Side, record, until};
use crate::topic::{Topic, until_handled};

const READ: Statement = select(
    "inbox_offsets",
    "SELECT CAST(sum(next_offset) AS BIGINT) FROM inbox_offsets",
);

/// Takes what it sends and forgets it so many times: as a relay that is killed before it has deleted
/// its batch.
struct Forgetful(KafkaSink, AtomicU32);

impl Sink for Forgetful {
    async fn publish(&self, events: &[Event]) -> Result<(), Failure> {
        self.0.publish(events).await?;
        let less = |left: u32| left.checked_sub(1);
        match self.1.fetch_update(Relaxed, Relaxed, less) {
            Ok(_) => Err(Failure::new("cancelled", "as the test wants it")),
            Err(_) => Ok(()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_topic_twice_is_handled_once_by_all_that_share_a_database() {
    let mut topic = Topic::of(Kafka::shared());
    let (user, profile) = (Side::new("sqlite").await, Side::new("sqlite").await);
    let replica = profile.replica().await;
    let subjects: Vec<_> = (0..150).map(|number| number.to_string()).collect();
    let subjects: Vec<_> = subjects.iter().map(String::as_str).collect();
    let sink = Forgetful(topic.sink(), AtomicU32::new(2));
    let outbox = topic.relay(&user, sink).await;
    record(&user, &outbox, &subjects).await;
    topic.consume(&profile).await;
    topic.consume(&replica).await;
    until_handled(&profile, subjects.len()).await;
    until("all records are read", async || {
        let (read,): (i64,) = profile
            .database
            .fetch_one(READ.query())
            .await
            .expect("a row");
        read > 150 && user.metric("outbox_events ") == "0"
    })
    .await;
    until("nothing waits", async || {
        profile.metric("inbox_events ") == "0"
    })
    .await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
    topic.tasks.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_wait_while_the_broker_is_away_and_are_handled_when_it_is_back() {
    let kafka = Arc::new(Kafka::start());
    kafka.kill();
    let mut topic = Topic::of(Arc::clone(&kafka));
    let (user, profile) = (Side::new("sqlite").await, Side::new("sqlite").await);
    let sink = topic.sink();
    let outbox = topic.relay(&user, sink).await;
    topic.consume(&profile).await;
    record(&user, &outbox, &["before"]).await;
    until("it waits", async || user.metric("outbox_events ") == "1").await;
    until("it grows old", async || {
        let age = user.metric("outbox_oldest_event_age_seconds");
        age.parse::<f64>().expect("a number") > 0.5
    })
    .await;
    kafka.resume();
    until_handled(&profile, 1).await;

    // A broker that goes away while it is in use.
    kafka.kill();
    record(&user, &outbox, &["meanwhile"]).await;
    until("it waits", async || user.metric("outbox_events ") == "1").await;
    kafka.resume();
    until_handled(&profile, 2).await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
    until("nothing waits", async || {
        user.metric("outbox_oldest_event_age_seconds") == "0"
    })
    .await;
    topic.tasks.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_made_anew_is_read_from_its_begin() {
    let mut topic = Topic::of(Kafka::shared());
    let (user, profile) = (Side::new("sqlite").await, Side::new("sqlite").await);
    let sink = topic.sink();
    let outbox = topic.relay(&user, sink).await;
    topic.consume(&profile).await;
    let before: Vec<_> = (0..30).map(|number| format!("before-{number}")).collect();
    let before: Vec<_> = before.iter().map(String::as_str).collect();
    record(&user, &outbox, &before).await;
    until_handled(&profile, 30).await;
    until("nothing waits", async || {
        user.metric("outbox_events ") == "0"
    })
    .await;
    topic.run("TopicCommand", &["--delete"], "");
    record(&user, &outbox, &["after"]).await;
    until_handled(&profile, 31).await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
    topic.tasks.shutdown().await;
}
