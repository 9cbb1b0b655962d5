//! Bounds how many queries run at a time: the others wait for admission.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout_at};

use super::reply::{Failure, Reply};
use crate::metrics::{
    promql::EvalError,
    tsdb::{Budget, BudgetError, Tsdb},
};

/// How many queries are computed at a time.
const MAX_CONCURRENT_QUERIES: usize = 2;

/// The longest time that an answer may take, the wait for admission included.
const MAX_TIME: Duration = Duration::from_secs(10);

/// Admits queries. Clones share their places.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    places: Arc<Semaphore>,
    pub(crate) max_time: Duration,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_CONCURRENT_QUERIES)),
            max_time: MAX_TIME,
        }
    }
}

impl Admission {
    /// Computes an answer and writes it as JSON, on a thread for blocking work: writing millions of
    /// numbers takes as long as computing them.
    ///
    /// `time` is the timeout of the request. It can shorten the server's longest time, not extend
    /// it, and it includes the wait for a place.
    pub(super) async fn run<T: Serialize>(
        &self,
        tsdb: Tsdb,
        time: Option<Duration>,
        compute: impl FnOnce(&Tsdb, &Budget) -> Result<T, EvalError> + Send + 'static,
    ) -> Result<Response, Failure> {
        let deadline = Instant::now() + time.unwrap_or(self.max_time).min(self.max_time);
        let place = Arc::clone(&self.places).acquire_owned();
        let Ok(Ok(place)) = timeout_at(deadline.into(), place).await else {
            return Err(EvalError::from(BudgetError::Timeout).into());
        };
        let answered = spawn_blocking(move || {
            let answer = compute(&tsdb, &Budget::until(deadline));
            let written = answer.map(|answer| Reply(answer).into_response());
            drop(place);
            written
        });
        match answered.await {
            Ok(written) => Ok(written?),
            Err(panic) => Err(Failure::internal(panic.to_string())),
        }
    }
}
