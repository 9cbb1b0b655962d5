//! What must hold for either database.
#![allow(dead_code, reason = "not every program of tests has every case")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use database::{Database, Statement, Transaction, test_support::TestDatabase};
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use outbox::{Destination, Event, Failure, Handler, Inbox, Outbox, Sink};
use test_support::DEADLINE;
use tokio::time::{Duration, sleep, timeout};
use tonic_telemetry::{LogFormat, Telemetry};

const EFFECTS: &[&str] = &["CREATE TABLE IF NOT EXISTS effects (event_id TEXT, subject TEXT)"];

const ADD: Statement = statement("INSERT", "INSERT INTO effects VALUES ($1, $2)");
const ALL: Statement = statement("SELECT", "SELECT subject FROM effects");
const DEAD: Statement = statement(
    "SELECT",
    "SELECT subject, dead_letters.attempts, reason FROM dead_letters \
     JOIN inbox ON inbox.event_id = dead_letters.event_id",
);

const fn statement(operation: &'static str, text: &'static str) -> Statement {
    Statement {
        operation,
        table: "effects",
        text,
    }
}

/// A side of the queue: its database, and its telemetry.
pub(crate) struct Side {
    pub(crate) database: Database,
    telemetry: Telemetry,
    spans: InMemorySpanExporter,
    test: Arc<TestDatabase>,
}

impl Side {
    pub(crate) async fn new(kind: &str) -> Self {
        let test = TestDatabase::of(kind).await.expect("a database");
        Self::over(&Arc::new(test)).await
    }

    /// Another process with the same database.
    pub(crate) async fn replica(&self) -> Self {
        Self::over(&self.test).await
    }

    async fn over(test: &Arc<TestDatabase>) -> Self {
        let spans = InMemorySpanExporter::default();
        let telemetry = tonic_telemetry::Options::new("test")
            .span_exporter(spans.clone())
            .log_format(LogFormat::Off)
            .start()
            .expect("telemetry starts");
        let database = Database::open(test.url(), &telemetry).await;
        let database = database.expect("the database opens");
        let made = database.create_tables(EFFECTS).await;
        made.expect("the table is made");
        Self {
            database,
            telemetry,
            spans,
            test: Arc::clone(test),
        }
    }

    async fn outbox(&self) -> Outbox {
        self.outbox_to("orders".into()).await
    }

    async fn inbox(&self) -> Inbox {
        self.inbox_from("orders".into()).await
    }

    pub(crate) async fn outbox_to(&self, destination: Destination) -> Outbox {
        let outbox = Outbox::open(self.database.clone(), &self.telemetry, destination).await;
        outbox.expect("the outbox opens")
    }

    pub(crate) async fn inbox_from(&self, destination: Destination) -> Inbox {
        let database = self.database.clone();
        let inbox = Inbox::open(database, &self.telemetry, destination, "shop.attempt").await;
        inbox.expect("the inbox opens")
    }

    /// How often each subject had its effect.
    pub(crate) async fn effects(&self) -> BTreeMap<String, u32> {
        let all: Vec<(String,)> = self.database.fetch_all(ALL.query()).await.expect("rows");
        let mut effects = BTreeMap::new();
        for (subject,) in all {
            *effects.entry(subject).or_default() += 1;
        }
        effects
    }

    /// The value of a metric on the page.
    pub(crate) fn metric(&self, name: &str) -> String {
        let (_, page) = self.telemetry.metrics().encode(None);
        let page = String::from_utf8(page).expect("a page is text");
        let line = page.lines().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name}"));
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    }

    pub(crate) fn has_metric(&self, name: &str) -> bool {
        let (_, page) = self.telemetry.metrics().encode(None);
        String::from_utf8_lossy(&page)
            .lines()
            .any(|line| line.starts_with(name))
    }

    pub(crate) async fn finish(self) -> Vec<SpanData> {
        let flushed = self.telemetry.shutdown(DEADLINE).await;
        flushed.expect("no span is lost");
        self.spans.get_finished_spans().expect("readable")
    }
}

/// Writes an event for each subject.
pub(crate) async fn record(side: &Side, outbox: &Outbox, subjects: &[&str]) {
    for subject in subjects {
        let mut transaction = side.database.begin().await.expect("a transaction");
        let add = ADD.bind("cause".to_owned()).bind((*subject).to_owned());
        transaction.write(add).await.expect("the cause");
        let recorded = outbox.record(&mut transaction, "order.made", subject).await;
        recorded.expect("the event");
        transaction.commit().await.expect("the commit");
        outbox.wake();
    }
}

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

/// Writes a row an event; fails in as many attempts as the subject says.
pub(crate) struct Work;

impl Handler for Work {
    async fn prepare(&self, event: &Event, _attempt: u32) -> Result<(), Failure> {
        assert_ne!(event.subject, "panics", "as the test wants it");
        Ok(())
    }

    async fn handle(
        &self,
        event: &Event,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let add = ADD.bind(event.id.clone()).bind(event.subject.clone());
        transaction.write(add).await?;
        match event.subject.as_str() {
            "fails" => Err(Failure::new("INTERNAL", "as the test wants it")),
            _ => Ok(()),
        }
    }
}

pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = timeout(DEADLINE, waiting).await;
    waited.unwrap_or_else(|_| panic!("not within {DEADLINE:?}: {what}"));
}

pub(crate) async fn an_event_is_kept_with_its_cause_or_not_at_all(kind: &str) {
    let (user, profile) = (Side::new(kind).await, Side::new(kind).await);
    let outbox = user.outbox().await;
    let mut transaction = user.database.begin().await.expect("a transaction");
    let recorded = outbox
        .record(&mut transaction, "order.made", "dropped")
        .await;
    recorded.expect("the event");
    drop(transaction);
    record(&user, &outbox, &["kept"]).await;

    let inbox = profile.inbox().await;
    let relay = tokio::spawn(outbox.relay(Post::new(&inbox, 0)));
    let consumer = tokio::spawn(inbox.consume(Work));
    until("the event is handled", async || {
        !profile.effects().await.is_empty()
    })
    .await;
    until("nothing waits", async || {
        user.metric("outbox_events ") == "0"
    })
    .await;
    assert_eq!(profile.effects().await, [("kept".to_owned(), 1)].into());
    assert_eq!(user.metric("outbox_published_events_total"), "1");
    assert_eq!(user.metric("outbox_oldest_event_age_seconds"), "0");
    relay.abort();
    consumer.abort();
}

pub(crate) async fn what_is_sent_twice_is_handled_once(kind: &str) {
    let (user, profile) = (Side::new(kind).await, Side::new(kind).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    record(&user, &outbox, &["one", "two"]).await;
    let consumer = tokio::spawn(inbox.clone().consume(Work));
    let relay = tokio::spawn(outbox.clone().relay(Post::new(&inbox, 0)));
    until("both are handled", async || {
        profile.effects().await.len() == 2
    })
    .await;
    record(&user, &outbox, &["three"]).await;
    until("the third is handled", async || {
        profile.effects().await.len() == 3
    })
    .await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
    relay.abort();
    consumer.abort();
}

pub(crate) async fn relays_and_consumers_share_the_work(kind: &str) {
    let (user, profile) = (Side::new(kind).await, Side::new(kind).await);
    let (user_2, profile_2) = (user.replica().await, profile.replica().await);
    let subjects: Vec<_> = (0..250).map(|number| number.to_string()).collect();
    let subjects: Vec<_> = subjects.iter().map(String::as_str).collect();
    let outbox = user.outbox().await;
    record(&user, &outbox, &subjects).await;
    let mut tasks = tokio::task::JoinSet::new();
    for (user, profile) in [(&user, &profile), (&user_2, &profile_2)] {
        let inbox = profile.inbox().await;
        tasks.spawn(user.outbox().await.relay(Post::new(&inbox, 0)));
        tasks.spawn(inbox.consume(Work));
    }
    until("all are handled", async || {
        profile.effects().await.len() == subjects.len()
    })
    .await;
    until("nothing waits", async || {
        profile.metric("inbox_events ") == "0"
    })
    .await;
    assert!(profile.effects().await.values().all(|count| *count == 1));
}

pub(crate) async fn what_is_not_taken_is_sent_again(kind: &str) {
    let (user, profile) = (Side::new(kind).await, Side::new(kind).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    record(&user, &outbox, &["late"]).await;
    let relay = tokio::spawn(outbox.relay(Post::new(&inbox, 3)));
    let consumer = tokio::spawn(inbox.consume(Work));
    until("it waits", async || user.metric("outbox_events ") == "1").await;
    assert_ne!(user.metric("outbox_oldest_event_age_seconds"), "0");
    until("it is handled", async || {
        !profile.effects().await.is_empty()
    })
    .await;
    relay.abort();
    consumer.abort();
}

pub(crate) async fn what_fails_is_tried_again_and_is_a_dead_letter_in_the_end(kind: &str) {
    let (user, profile) = (Side::new(kind).await, Side::new(kind).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    record(&user, &outbox, &["fails", "panics", "fine"]).await;
    let relay = tokio::spawn(outbox.relay(Post::new(&inbox, 0)));
    let consumer = tokio::spawn(inbox.consume(Work));
    until("two are dead letters", async || {
        profile.metric("inbox_dead_letters") == "2"
    })
    .await;
    until("nothing waits", async || {
        profile.metric("inbox_events ") == "0"
    })
    .await;

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
    relay.abort();
    consumer.abort();
}

pub(crate) async fn spans_are_linked_and_polling_makes_none(kind: &str) {
    let (user, profile) = (Side::new(kind).await, Side::new(kind).await);
    let (outbox, inbox) = (user.outbox().await, profile.inbox().await);
    let consumer = tokio::spawn(inbox.clone().consume(Work));
    let relay = tokio::spawn(outbox.clone().relay(Post::new(&inbox, 0)));
    record(&user, &outbox, &["linked"]).await;
    until("it is handled", async || {
        !profile.effects().await.is_empty()
    })
    .await;
    until("it is gone", async || {
        user.metric("outbox_published_events_total") == "1"
    })
    .await;
    relay.abort();
    consumer.abort();

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

/// The only span of this name.
pub(crate) fn only<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found.as_slice() else {
        panic!("one {name}: {spans:?}")
    };
    span
}

/// The names of the queries to the outbox and the inbox.
fn of_tables(spans: &[SpanData]) -> Vec<&str> {
    let names = spans.iter().map(|span| span.name.as_ref());
    names.filter(|name| name.contains("box")).collect()
}
