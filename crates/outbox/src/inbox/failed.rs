//! What becomes of an event whose handling failed.

use database::QueryError;

use super::{
    Inbox,
    consumer::ATTEMPTS,
    statements::{BURY, FINISH, RETRY},
};
use crate::{Event, Failure, backoff, event::now_ms};

impl Inbox {
    /// Has a failed event tried again, or makes it a dead letter. If that fails as well, the lease
    /// ends, and the event is tried again.
    pub(super) async fn fail(&self, event: &Event, attempt: u32, failure: &Failure) {
        let error = failure.kind.as_ref();
        let written = if attempt < ATTEMPTS {
            tracing::warn!(
                attempt,
                error,
                event = event.id,
                "event not handled: {failure}"
            );
            self.retry(event, attempt).await
        } else {
            tracing::error!(attempt, error, event = event.id, "dead letter: {failure}");
            self.bury(event, attempt, failure).await
        };
        match written {
            Ok(result) => self.count(result),
            Err(cause) => tracing::warn!(event = event.id, "{cause}"),
        }
    }

    async fn retry(&self, event: &Event, attempt: u32) -> Result<&'static str, QueryError> {
        let wait = i64::try_from(backoff::wait(attempt).as_millis()).unwrap_or(i64::MAX);
        let retry = RETRY
            .bind(now_ms().saturating_add(wait))
            .bind(event.id.clone());
        self.database.write(retry).await?;
        Ok("retry")
    }

    async fn bury(
        &self,
        event: &Event,
        attempt: u32,
        failure: &Failure,
    ) -> Result<&'static str, QueryError> {
        let mut transaction = self.database.begin().await?;
        let now = now_ms();
        let finish = FINISH.bind(now).bind(event.id.clone());
        if transaction.write(finish).await? == 1 {
            let letter = BURY
                .bind(event.id.clone())
                .bind(i64::from(attempt))
                .bind(failure.message.clone())
                .bind(now);
            transaction.write(letter).await?;
        }
        transaction.commit().await?;
        Ok("dead_letter")
    }
}
