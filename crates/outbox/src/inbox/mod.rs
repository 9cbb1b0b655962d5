//! The side that takes events.

mod consumer;
mod failed;
#[cfg(feature = "kafka")]
mod offsets;
#[cfg(feature = "kafka")]
mod records;
mod rows;
mod statements;

pub use consumer::Handler;
#[cfg(feature = "kafka")]
pub(crate) use records::Taken;

use std::sync::Arc;

use database::{Database, Query, QueryError};
use tokio::sync::Notify;
use tonic_telemetry::{Telemetry, messaging::MessagingSpans};

use crate::{
    Destination, Event, KafkaUrl, OpenError,
    event::now_ms,
    kafka::Reader,
    metrics::InboxMetrics,
    work::{self, without_spans},
};
use consumer::Consumer;
use statements::{ACCEPT, FORGET, FORGET_PLACES, SCHEMA};

/// How long the id of an event is kept after it was handled: a relay that sends it again later than
/// this would have it handled again.
const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;

/// The events that a service has taken. Clones share them.
#[derive(Clone, Debug)]
pub struct Inbox {
    database: Database,
    spans: MessagingSpans,
    /// The span attribute that says which attempt it is.
    attempt: &'static str,
    metrics: InboxMetrics,
    wake: Arc<Notify>,
}

impl Inbox {
    /// Makes the tables `inbox`, `inbox_places`, `inbox_offsets` and `dead_letters`, unless they are there, and forgets the ids of
    /// events that were handled more than seven days ago.
    ///
    /// `destination` names the events in spans, as in the outbox; `attempt` is the span attribute
    /// with the number of an attempt, from 1.
    ///
    /// # Errors
    /// [`OpenError`] when the tables cannot be made, or the metrics are there already.
    pub async fn open(
        database: Database,
        telemetry: &Telemetry,
        destination: impl Into<Destination>,
        attempt: &'static str,
    ) -> Result<Self, OpenError> {
        database.create_tables(SCHEMA).await?;
        let Destination { system, name } = destination.into();
        let inbox = Self {
            database,
            spans: MessagingSpans::new(telemetry, system, name),
            attempt,
            metrics: telemetry.metrics().once(InboxMetrics::new)?,
            wake: Arc::default(),
        };
        inbox.forget().await?;
        Ok(inbox)
    }

    /// Keeps events for the consumer; those that came before are left as they are. When this
    /// returns, they are kept for good.
    ///
    /// # Errors
    /// As [`Database::write_all`]: none is kept then.
    pub async fn accept(&self, mut events: Vec<Event>) -> Result<(), QueryError> {
        // Two batches that lock the same rows in another order would wait for each other for ever.
        events.sort_by(|left, right| left.id.cmp(&right.id));
        let now = now_ms();
        let queries = events.iter().map(|event| accept(event, now));
        self.database.write_all(ACCEPT, queries.collect()).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Keeps the events of a topic as they come. What is no event is a dead letter: a record without
    /// one, and one with which `check` says what is wrong. Never ends; goes on where the database says
    /// that it was, at first with the oldest record.
    pub async fn read(
        self,
        url: KafkaUrl,
        check: impl Fn(&Event) -> Result<(), String> + Send + Sync,
    ) {
        // Nobody wakes it: it waits at the brokers.
        work::run("reader", &Notify::new(), Reader::new(self, url, check)).await;
    }

    /// Handles events as they come. Never ends; what it has begun when it is dropped has no effect,
    /// and it or another consumer does it again.
    pub async fn consume(self, handler: impl Handler) {
        let wake = Arc::clone(&self.wake);
        work::run("consumer", &wake, Consumer::new(self, handler)).await;
    }

    /// Forgets the ids of what was handled long ago.
    async fn forget(&self) -> Result<(), QueryError> {
        let query = FORGET.bind(now_ms() - KEPT_MS);
        without_spans(self.database.write(query)).await?;
        without_spans(self.database.write(FORGET_PLACES.query())).await?;
        Ok(())
    }

    fn count(&self, result: &str) {
        self.metrics.handled.with_label_values(&[result]).inc();
    }
}

/// Keeps an event, to be handled at once.
fn accept(event: &Event, now: i64) -> Query {
    let Event { headers, .. } = event;
    ACCEPT
        .bind(event.id.clone())
        .bind(event.kind.clone())
        .bind(event.subject.clone())
        .bind(event.created_at_ms)
        .bind(headers.traceparent.clone())
        .bind(headers.tracestate.clone())
        .bind(headers.baggage.clone())
        .bind(now)
}
