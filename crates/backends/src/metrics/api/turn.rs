//! Answers that may take seconds: each in its turn, on a thread of its own.

use std::time::{Duration, Instant};

use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::reply::{Failure, Reply};
use crate::metrics::{
    Prometheus,
    promql::{Budget, EvalError},
};

/// The longest time that an answer may take.
pub(super) const MAX_TIME: Duration = Duration::from_secs(10);

/// Computes an answer and writes it down; of millions of numbers the one takes as long as the other.
///
/// Those who wait their turn wait within their time, and have what is left of it then.
pub(super) async fn in_turn<T: Serialize>(
    prometheus: Prometheus,
    time: Duration,
    compute: impl FnOnce(&Prometheus, &Budget) -> Result<T, EvalError> + Send + 'static,
) -> Result<Response, Failure> {
    let deadline = Instant::now() + time;
    let turn = prometheus.turns.clone().acquire_owned();
    let turn = tokio::time::timeout_at(deadline.into(), turn).await;
    let Ok(Ok(turn)) = turn else {
        return Err(EvalError::Timeout.into());
    };
    let answered = spawn_blocking(move || {
        let answer = compute(&prometheus, &Budget::until(deadline));
        let written = answer.map(|answer| Reply(answer).into_response());
        drop(turn);
        written
    });
    match answered.await {
        Ok(written) => Ok(written?),
        Err(panic) => Err(Failure::internal(panic.to_string())),
    }
}
