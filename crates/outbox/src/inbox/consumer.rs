//! Handles each event once in effect, and again after a pause where that fails.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::Duration,
};

use database::{QueryError, System, Transaction};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use opentelemetry::KeyValue;
use tokio::time::timeout;

use super::{
    Inbox,
    rows::{Claimed, InboxCount},
    statements::{CLAIM, CLAIM_SKIPPING_LOCKED, COUNT, FINISH},
};
use crate::{
    Event, Failure,
    event::now_ms,
    work::{INTERVAL, LEASE_MS, Rounds, without_spans},
};

/// After so many attempts an event is a dead letter.
pub(super) const ATTEMPTS: u32 = 5;
/// How long one attempt may take. Two in a row are over before the lease is.
const LONGEST: Duration = Duration::from_secs(4);
/// How many events are claimed at once, and how many are handled at the same time.
const BATCH: i64 = 8;
const PARALLEL: usize = 4;
/// How often ids are forgotten.
const FORGET_EVERY_MS: i64 = 3_600_000;

/// What is done for an event.
pub trait Handler: Send + Sync {
    /// Does what takes time and is not in the database: before the transaction begins, since there
    /// is one at a time in SQLite. `attempt` counts from 1; one that its process did not survive
    /// counts too.
    ///
    /// # Errors
    /// As [`handle`](Self::handle).
    fn prepare(
        &self,
        event: &Event,
        attempt: u32,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Does the work, in the transaction that marks the event as done: what is written there counts
    /// once, however often this is called.
    ///
    /// # Errors
    /// Why the work was not done; nothing that was written is kept. It is tried again, five times
    /// in all. A panic, and work that takes more than 4 s, count as failures too.
    fn handle(
        &self,
        event: &Event,
        transaction: &mut Transaction<'_>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

pub(super) struct Consumer<H> {
    inbox: Inbox,
    handler: H,
    /// When ids were forgotten last.
    forgotten_ms: AtomicI64,
}

impl<H: Handler> Rounds for Consumer<H> {
    async fn round(&self) -> Result<Duration, Failure> {
        let Inbox {
            database, metrics, ..
        } = &self.inbox;
        self.forget().await?;
        loop {
            let count = database.fetch_one::<InboxCount>(COUNT.query());
            let InboxCount(waiting, dead) = without_spans(count).await?;
            metrics.dead_letters.set(dead);
            let Some(due_ms) = metrics.waiting.set(&waiting) else {
                return Ok(INTERVAL);
            };
            let claimed = self.claim().await?;
            if claimed.is_empty() {
                let wait = u64::try_from(due_ms - now_ms()).unwrap_or(0);
                return Ok(Duration::from_millis(wait.max(10)));
            }
            let work = claimed.into_iter().map(|claimed| self.take(claimed));
            stream::iter(work)
                .buffer_unordered(PARALLEL)
                .collect::<()>()
                .await;
        }
    }
}

impl<H: Handler> Consumer<H> {
    pub(super) fn new(inbox: Inbox, handler: H) -> Self {
        Self {
            inbox,
            handler,
            forgotten_ms: AtomicI64::new(now_ms()),
        }
    }

    /// Forgets old ids once an hour.
    async fn forget(&self) -> Result<(), QueryError> {
        let now = now_ms();
        if now - self.forgotten_ms.load(Relaxed) > FORGET_EVERY_MS {
            self.inbox.forget().await?;
            self.forgotten_ms.store(now, Relaxed);
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Vec<Claimed>, QueryError> {
        let Inbox { database, .. } = &self.inbox;
        let statement = match database.system() {
            System::Sqlite => CLAIM,
            System::Postgresql => CLAIM_SKIPPING_LOCKED,
        };
        let now = now_ms();
        let query = statement.bind(now).bind(BATCH).bind(now + LEASE_MS);
        without_spans(database.fetch_all(query)).await
    }

    /// Handles one event, in a span of its own.
    async fn take(&self, claimed: Claimed) {
        let mut further = claimed.place();
        let Claimed { event, attempt, .. } = claimed;
        further.push(KeyValue::new(self.inbox.attempt, i64::from(attempt)));
        let span = self.inbox.spans.process(&event.id, &event.headers, further);
        let work = async {
            let done = self.attempt(&event, attempt).await;
            if let Err(failure) = &done {
                self.inbox.fail(&event, attempt, failure).await;
            }
            done
        };
        // What failed is written down already.
        let _done = span.run(work, |failure| failure.kind.clone()).await;
    }

    async fn attempt(&self, event: &Event, attempt: u32) -> Result<(), Failure> {
        if attempt > ATTEMPTS {
            let why = format!("the process ended in each of {ATTEMPTS} attempts");
            return Err(Failure::new("process_ended", why));
        }
        let work = AssertUnwindSafe(self.handle(event, attempt)).catch_unwind();
        match timeout(LONGEST, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_panic)) => Err(Failure::new("panic", "the handler panicked")),
            Err(_elapsed) => {
                let why = format!("the handler took more than {LONGEST:?}");
                Err(Failure::new("timeout", why))
            }
        }
    }

    async fn handle(&self, event: &Event, attempt: u32) -> Result<(), Failure> {
        self.handler.prepare(event, attempt).await?;
        let mut transaction = self.inbox.database.begin().await?;
        let finish = FINISH.bind(now_ms()).bind(event.id.clone());
        if transaction.write(finish).await? == 1 {
            self.handler.handle(event, &mut transaction).await?;
            transaction.commit().await?;
            self.inbox.count("ok");
        }
        Ok(())
    }
}
