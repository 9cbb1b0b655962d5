//! Publishes events, a batch at a time.

use std::time::Duration;

use database::{QueryError, System};
use tonic_telemetry::messaging::MessageHeaders;
use uuid::Uuid;

use super::{
    Outbox, Sink,
    statements::{CLAIM, CLAIM_SKIPPING_LOCKED, COUNT, DELETE, RELEASE},
};
use crate::{
    Event, Failure,
    event::now_ms,
    metrics::Count,
    work::{INTERVAL, LEASE_MS, Rounds, without_spans},
};

/// How many events the relay sends at once: fewer than the links that a span keeps, 128.
const BATCH: i64 = 100;

pub(super) struct Relay<S> {
    pub(super) outbox: Outbox,
    pub(super) sink: S,
}

impl<S: Sink> Rounds for Relay<S> {
    async fn round(&self) -> Result<Duration, Failure> {
        let Outbox { database, .. } = &self.outbox;
        loop {
            let count = without_spans(database.fetch_one::<Count>(COUNT.query())).await?;
            let Some(due_ms) = self.outbox.metrics.waiting.set(&count) else {
                return Ok(INTERVAL);
            };
            let claim = Uuid::new_v4().to_string();
            let events = self.claim(&claim).await?;
            if events.is_empty() {
                let wait = u64::try_from(due_ms - now_ms()).unwrap_or(0);
                return Ok(Duration::from_millis(wait.max(10)));
            }
            self.publish(&events, claim).await?;
        }
    }
}

impl<S: Sink> Relay<S> {
    async fn claim(&self, claim: &str) -> Result<Vec<Event>, QueryError> {
        let Outbox { database, .. } = &self.outbox;
        let statement = match database.system() {
            System::Sqlite => CLAIM,
            System::Postgresql => CLAIM_SKIPPING_LOCKED,
        };
        let now = now_ms();
        let query = statement
            .bind(now)
            .bind(BATCH)
            .bind(now + LEASE_MS)
            .bind(claim.to_owned());
        without_spans(database.fetch_all(query)).await
    }

    /// Sends a batch, and deletes it once it was taken.
    async fn publish(&self, events: &[Event], claim: String) -> Result<(), Failure> {
        let Outbox {
            database,
            spans,
            metrics,
            ..
        } = &self.outbox;
        let headers: Vec<&MessageHeaders> = events.iter().map(|event| &event.headers).collect();
        let work = async {
            if let Err(failure) = self.sink.publish(events).await {
                // If this fails too, the lease ends it.
                let released = database.write(RELEASE.bind(now_ms()).bind(claim)).await;
                drop(released);
                return Err(failure);
            }
            let published = database.write(DELETE.bind(claim)).await?;
            metrics.published.inc_by(published);
            Ok(())
        };
        let span = spans.send(headers.into_iter());
        span.run(work, |failure: &Failure| failure.kind.clone())
            .await
    }
}
