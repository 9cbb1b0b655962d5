//! What must hold for either database; the name of the test decides which: `sqlite` or `postgres`.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use database::Statement;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;
use outbox::{Event, Failure, Inbox, Outbox, Sink};
use tokio::task::JoinSet;

use crate::support::{Side, Work, only, record, statement};

const DATABASE: &str = env!("CARGO_CRATE_NAME");

const DEAD: Statement = statement(
    "SELECT",
    "SELECT subject, dead_letters.attempts, reason FROM dead_letters \
     JOIN inbox ON inbox.event_id = dead_letters.event_id",
);

/// Puts what it gets into an inbox, twice; refuses so many batches first.
#[derive(Clone)]
struct Post {
    inbox: Inbox,
    refuses: Arc<AtomicU32>,
}

impl Post {
    fn new(inbox: &Inbox, refuses: u32) -> Self {
        Self {
            inbox: inbox.clone(),
            refuses: Arc::new(refuses.into()),
        }
    }
}

impl Sink for Post {
    async fn publish(&self, events: &[Event]) -> Result<(), Failure> {
        let less = |left: u32| left.checked_sub(1);
        if self.refuses.fetch_update(Relaxed, Relaxed, less).is_ok() {
            return Err(Failure::new("UNAVAILABLE", "no"));
        }
        self.inbox.accept(events.to_vec()).await?;
        Ok(self.inbox.accept(events.to_vec()).await?)
    }
}

/// Relays to the inbox, which refuses so many batches first, and handles what arrives; ends when dropped.
fn deliver(outbox: &Outbox, inbox: &Inbox, refuses: u32) -> JoinSet<()> {
    let mut running = JoinSet::new();
    running.spawn(outbox.clone().relay(Post::new(inbox, refuses)));
    running.spawn(inbox.clone().consume(Work));
    running
}

#[tokio::test]
async fn an_event_is_kept_with_its_cause_or_not_at_all() {
    let (user, profile) = (Side::new(DATABASE).await, Side::new(DATABASE).await);
    let outbox = user.outbox().await;
    let mut transaction = user.database.begin().await.expect("a transaction");
    let recorded = outbox
        .record(&mut transaction, "order.made", "dropped")
        .await;
    recorded.expect("the event");
    drop(transaction);
    record(&user, &outbox, &["kept"]).await;

    let inbox = profile.inbox().await;
    let _running = deliver(&outbox, &inbox, 0);
    profile.has_handled(1).await;
    user.has("outbox_events ", "0").await;
    assert_eq!(profile.effects().await, [("kept".to_owned(), 1)].into());
    assert_eq!(user.metric("outbox_published_events_total"), "1");
    assert_eq!(user.metric("outbox_oldest_event_age_seconds"), "0");
}

#[tokio::test]
async fn what_is_sent_twice_is_handled_once() {
    let (user, profile) = (Side::new(DATABASE).await, Side::new(DATABASE).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    record(&user, &outbox, &["one", "two"]).await;
    let _running = deliver(&outbox, &inbox, 0);
    profile.has_handled(2).await;
    record(&user, &outbox, &["three"]).await;
    profile.has_handled(3).await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
}

#[tokio::test]
async fn relays_and_consumers_share_the_work() {
    let (user, profile) = (Side::new(DATABASE).await, Side::new(DATABASE).await);
    let (user_2, profile_2) = (user.replica().await, profile.replica().await);
    let subjects: Vec<_> = (0..250).map(|number| number.to_string()).collect();
    let subjects: Vec<_> = subjects.iter().map(String::as_str).collect();
    let outbox = user.outbox().await;
    record(&user, &outbox, &subjects).await;
    let _running = deliver(&outbox, &profile.inbox().await, 0);
    let _beside = deliver(&user_2.outbox().await, &profile_2.inbox().await, 0);
    profile.has_handled(subjects.len()).await;
    profile.has("inbox_events ", "0").await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again() {
    let (user, profile) = (Side::new(DATABASE).await, Side::new(DATABASE).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    record(&user, &outbox, &["late"]).await;
    let _running = deliver(&outbox, &inbox, 3);
    user.has("outbox_events ", "1").await;
    assert_ne!(user.metric("outbox_oldest_event_age_seconds"), "0");
    profile.has_handled(1).await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_is_a_dead_letter_in_the_end() {
    let (user, profile) = (Side::new(DATABASE).await, Side::new(DATABASE).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    record(&user, &outbox, &["fails", "panics", "fine"]).await;
    let _running = deliver(&outbox, &inbox, 0);
    profile.has("inbox_dead_letters", "2").await;
    profile.has("inbox_events ", "0").await;

    let dead: Vec<(String, i64, String)> = profile
        .database
        .fetch_all(DEAD.query())
        .await
        .expect("rows");
    let mut dead: Vec<_> = dead
        .iter()
        .map(|it| (it.0.as_str(), it.1, it.2.as_str()))
        .collect();
    dead.sort_unstable();
    let expected = [
        ("fails", 5, "as the test wants it"),
        ("panics", 5, "the handler panicked"),
    ];
    assert_eq!(dead, expected);
    assert_eq!(profile.effects().await, [("fine".to_owned(), 1)].into());
    for (result, count) in [("ok", "1"), ("retry", "8"), ("dead_letter", "2")] {
        let name = format!("inbox_handled_events_total{{result=\"{result}\"}}");
        assert_eq!(profile.metric(&name), count, "{result}");
    }
}

#[tokio::test]
async fn spans_are_linked_and_polling_makes_none() {
    let (user, profile) = (Side::new(DATABASE).await, Side::new(DATABASE).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    let running = deliver(&outbox, &inbox, 0);
    record(&user, &outbox, &["linked"]).await;
    profile.has_handled(1).await;
    user.has("outbox_published_events_total", "1").await;
    drop((running, outbox, inbox));

    let (of_user, of_profile) = (user.finish().await, profile.finish().await);
    let create = only(&of_user, "create orders");
    let process = only(&of_profile, "process orders");
    assert_eq!(process.span_kind, SpanKind::Consumer);
    for span in [only(&of_user, "send orders"), process] {
        let links: Vec<_> = span.links.iter().map(|link| &link.span_context).collect();
        let [link] = links.as_slice() else {
            panic!("{links:?}")
        };
        assert_eq!(link.trace_id(), create.span_context.trace_id());
        assert_eq!(link.span_id(), create.span_context.span_id());
    }
    assert_eq!(of_tables(&of_user), ["INSERT outbox", "DELETE outbox"]);
    let expected = ["INSERT inbox", "INSERT inbox", "UPDATE inbox"];
    assert_eq!(of_tables(&of_profile), expected);
}

/// The names of the queries to the outbox and the inbox.
fn of_tables(spans: &[SpanData]) -> Vec<&str> {
    let names = spans.iter().map(|span| span.name.as_ref());
    names.filter(|name| name.contains("box")).collect()
}
