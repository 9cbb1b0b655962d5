//! The two sides of the queue, and what the tests do with them.
#![allow(dead_code, reason = "not every program of tests has every case")]

use std::{collections::BTreeMap, sync::Arc};

use database::{Database, Statement, Transaction, test_support::TestDatabase};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use outbox::{Destination, Event, Failure, Handler, Inbox, Outbox};
use test_support::DEADLINE;
use tokio::time::{Duration, sleep, timeout};
use tonic_telemetry::{LogFormat, Telemetry};

const EFFECTS: &[&str] = &["CREATE TABLE IF NOT EXISTS effects (event_id TEXT, subject TEXT)"];

const ADD: Statement = statement("INSERT", "INSERT INTO effects VALUES ($1, $2)");
const ALL: Statement = statement("SELECT", "SELECT subject FROM effects");

pub(crate) const fn statement(operation: &'static str, text: &'static str) -> Statement {
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

    pub(crate) async fn outbox(&self) -> Outbox {
        self.outbox_to("orders".into()).await
    }

    pub(crate) async fn inbox(&self) -> Inbox {
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

    /// Waits until so many subjects had their effect.
    pub(crate) async fn has_handled(&self, subjects: usize) {
        until(&format!("{subjects} are handled"), async || {
            self.effects().await.len() == subjects
        })
        .await;
    }

    /// Waits until a metric has this value.
    pub(crate) async fn has(&self, name: &str, value: &str) {
        until(&format!("{name}{value}"), async || {
            self.metric(name) == value
        })
        .await;
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

/// The only span of this name.
pub(crate) fn only<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found.as_slice() else {
        panic!("one {name}: {spans:?}")
    };
    span
}
