//! The side that writes events.

mod relay;
mod statements;

use std::sync::Arc;

use database::{Database, QueryError, Transaction};
use tokio::sync::Notify;
use tonic_telemetry::{Telemetry, database::QueryError as _, messaging::MessagingSpans};
use uuid::Uuid;

use crate::{Destination, Event, Failure, OpenError, event::now_ms, metrics::OutboxMetrics, work};
use relay::Relay;
use statements::{RECORD, SCHEMA};

/// Where the relay sends events.
pub trait Sink: Send + Sync {
    /// Sends a batch. `Ok` promises that the other side has all of them, for good.
    ///
    /// # Errors
    /// Why not all were taken; the whole batch is sent again later.
    fn publish(&self, events: &[Event]) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The events of a service that are not published yet. Clones share them.
#[derive(Clone, Debug)]
pub struct Outbox {
    database: Database,
    spans: MessagingSpans,
    metrics: OutboxMetrics,
    wake: Arc<Notify>,
}

impl Outbox {
    /// Makes the table `outbox`, unless it is there; `destination` names the events in spans.
    ///
    /// # Errors
    /// [`OpenError`] when the table cannot be made, or the metrics are there already.
    pub async fn open(
        database: Database,
        telemetry: &Telemetry,
        destination: impl Into<Destination>,
    ) -> Result<Self, OpenError> {
        database.create_tables(SCHEMA).await?;
        let Destination { system, name } = destination.into();
        Ok(Self {
            database,
            spans: MessagingSpans::new(telemetry, system, name),
            metrics: telemetry.metrics().once(OutboxMetrics::new)?,
            wake: Arc::default(),
        })
    }

    /// Writes an event in the transaction of its cause, in a PRODUCER span whose context it takes
    /// along. [`wake`](Self::wake) the relay after the commit.
    ///
    /// # Errors
    /// As [`Transaction::write`].
    pub async fn record(
        &self,
        transaction: &mut Transaction<'_>,
        kind: &str,
        subject: &str,
    ) -> Result<(), QueryError> {
        let id = Uuid::new_v4().to_string();
        let span = self.spans.create(&id);
        let headers = span.headers();
        let now = now_ms();
        let insert = RECORD
            .bind(id)
            .bind(kind.to_owned())
            .bind(subject.to_owned())
            .bind(now)
            .bind(headers.traceparent)
            .bind(headers.tracestate)
            .bind(headers.baggage)
            .bind(now);
        let write = transaction.write(insert);
        span.run(write, QueryError::error_type).await.map(drop)
    }

    /// Tells the relay of this process that there is an event.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Publishes events as they come. Never ends; what it has begun when it is dropped, it or
    /// another relay does again.
    pub async fn relay(self, sink: impl Sink) {
        let wake = Arc::clone(&self.wake);
        work::run("relay", &wake, Relay { outbox: self, sink }).await;
    }
}
