//! Events through a real Kafka, while the relay, the consumer and the broker die.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use database::test_support::TestDatabase;
use test_support::kafka::Kafka;
use tokio::task::spawn_blocking;

use super::{
    events::{Services, assert_each_is_handled_once, create_under_kills},
    figure,
};
use crate::support::{Span, until};

const EVENTS: u32 = 1000;
/// Of `user`, `profile` and the broker, in turn.
const KILLS: u32 = 5;

#[tokio::test]
async fn no_event_is_lost_and_none_has_two_effects_however_often_the_broker_is_killed_too() {
    let begin = Instant::now();
    let kafka = blocking(|| Arc::new(Kafka::start())).await;
    let databases = [
        TestDatabase::of("sqlite").await.expect("a database"),
        TestDatabase::of("sqlite").await.expect("a database"),
    ];
    let mut services = Services::start(&databases, &kafka.new_topic()).await;
    let mut number = 0;
    create_under_kills(&mut services, EVENTS, KILLS, async |services| {
        match number % 3 {
            2 => {
                let kafka = Arc::clone(&kafka);
                blocking(move || {
                    kafka.kill();
                    kafka.resume();
                })
                .await;
            }
            place => services.kill(place).await,
        }
        number += 1;
    })
    .await;
    assert_each_is_handled_once(&databases, EVENTS).await;
    figure(&format!("{EVENTS} events handled after"), begin.elapsed());
    drop(services);
}

/// What starts and stops a broker blocks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(work).await.expect("no panic")
}

#[tokio::test]
async fn the_work_for_each_event_is_linked_to_the_trace_that_made_it() {
    let kafka = blocking(Kafka::shared).await;
    let url = kafka.new_topic();
    let (_, topic) = url.rsplit_once('/').expect("a topic");
    let databases = [
        TestDatabase::of("sqlite").await.expect("a database"),
        TestDatabase::of("sqlite").await.expect("a database"),
    ];
    let mut services = Services::start(&databases, &url).await;
    create_under_kills(&mut services, 100, 0, async |_| {}).await;
    assert_each_is_handled_once(&databases, 100).await;

    let named = |operation: &str| {
        let name = format!("{operation} {topic}");
        let spans = services.collector.spans().into_iter();
        spans
            .filter(move |span| span.name == name)
            .collect::<Vec<Span>>()
    };
    let (made, handled) = until("all spans are exported", async || {
        let (made, handled) = (named("create"), named("process"));
        (made.len() == 100 && handled.len() == 100).then_some((made, handled))
    })
    .await;
    let made: BTreeMap<_, _> = made.iter().map(|span| (&span.id, &span.trace_id)).collect();
    let linked: BTreeSet<_> = handled
        .iter()
        .map(|span| {
            let [(trace, id)] = span.links.as_slice() else {
                panic!("one link: {span:?}")
            };
            assert_eq!(made.get(id), Some(&trace));
            id
        })
        .collect();
    assert_eq!(linked.len(), 100, "each trace has its work");
}
