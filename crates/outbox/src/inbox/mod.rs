//! The side that takes events.

mod consumer;
mod failed;
mod rows;
mod statements;

pub use consumer::Handler;

use std::sync::Arc;

use database::{Database, QueryError};
use tokio::sync::Notify;
use tonic_telemetry::{Telemetry, messaging::MessagingSpans};

use crate::{
    Event, OpenError,
    event::now_ms,
    metrics::InboxMetrics,
    work::{self, without_spans},
};
use consumer::Consumer;
use statements::{ACCEPT, FORGET, SCHEMA};

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
    /// Makes the tables `inbox` and `dead_letters`, unless they are there, and forgets the ids of
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
        destination: &'static str,
        attempt: &'static str,
    ) -> Result<Self, OpenError> {
        database.create_tables(SCHEMA).await?;
        let inbox = Self {
            database,
            spans: MessagingSpans::new(telemetry, "outbox", destination),
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
        let queries = events.into_iter().map(|event| {
            ACCEPT
                .bind(event.id)
                .bind(event.kind)
                .bind(event.subject)
                .bind(event.created_at_ms)
                .bind(event.headers.traceparent)
                .bind(event.headers.tracestate)
                .bind(event.headers.baggage)
                .bind(now)
        });
        self.database.write_all(ACCEPT, queries.collect()).await?;
        self.wake.notify_one();
        Ok(())
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
        without_spans(self.database.write(query)).await.map(drop)
    }

    fn count(&self, result: &str) {
        self.metrics.handled.with_label_values(&[result]).inc();
    }
}
