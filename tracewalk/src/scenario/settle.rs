//! Waits until the stack is healthy, so that an earlier scenario does not affect the next one.

use std::time::Duration;

use anyhow::bail;
use proto::gateway::v1::GetUserRequest;
use tokio::time::{sleep, timeout};
use tonic::Request;

use super::environment::Environment;
use crate::client::{self, Caller, code_name};

/// So many good answers in a row close each breaker, and fill each retry budget.
const GOOD: u32 = 100;

/// A breaker is open for 5 s, and then needs three good calls to close.
const MAX_SETTLE_TIME: Duration = Duration::from_secs(30);

/// The pause after a call that failed.
const PAUSE: Duration = Duration::from_millis(50);

/// Makes plain calls until 100 in a row were answered whole.
///
/// # Errors
/// When that takes longer than 30 s; the error names the last failure.
pub(super) async fn settle(environment: &Environment, caller: &Caller) -> anyhow::Result<()> {
    call_until_healthy(async || call(environment, caller).await).await
}

/// Calls until 100 calls in a row succeed. `call` returns why it failed, or `None`.
async fn call_until_healthy(mut call: impl AsyncFnMut() -> Option<String>) -> anyhow::Result<()> {
    let (mut good, mut failure) = (0, None);
    let calls = async {
        while good < GOOD {
            if let Some(why) = call().await {
                (good, failure) = (0, Some(why));
                sleep(PAUSE).await;
            } else {
                good += 1;
            }
        }
    };
    if timeout(MAX_SETTLE_TIME, calls).await.is_ok() {
        return Ok(());
    }
    match failure {
        Some(why) => {
            bail!("the stack is not well after {MAX_SETTLE_TIME:?}: plain calls end with {why}")
        }
        None => bail!("the stack is too slow: {good} of {GOOD} plain calls in {MAX_SETTLE_TIME:?}"),
    }
}

/// Makes one plain call; returns what was wrong with the answer, or `None`.
async fn call(environment: &Environment, caller: &Caller) -> Option<String> {
    let mut request = Request::new(GetUserRequest {
        user_id: "1".to_owned(),
    });
    client::set_timeout(&mut request, environment.target.timeout);
    let mut gateway = client::gateway(environment.channel.clone(), caller);
    match timeout(environment.target.timeout, gateway.get_user(request)).await {
        Ok(Ok(answer)) if answer.get_ref().degraded => Some("no profile".to_owned()),
        Ok(Ok(_)) => None,
        Ok(Err(status)) => Some(code_name(status.code()).to_owned()),
        Err(_) => Some("no answer".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::{MAX_SETTLE_TIME, call_until_healthy};

    #[tokio::test(start_paused = true)]
    async fn good_calls_that_take_too_long_are_no_calm() {
        let begin = Instant::now();
        let slow = async || {
            sleep(Duration::from_secs(9)).await;
            None
        };
        let error = call_until_healthy(slow).await.unwrap_err().to_string();
        assert_eq!(error, "the stack is too slow: 3 of 100 plain calls in 30s");
        assert_eq!(begin.elapsed(), MAX_SETTLE_TIME);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_fail_are_named() {
        let error = call_until_healthy(async || Some("UNAVAILABLE".to_owned())).await;
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with("plain calls end with UNAVAILABLE"),
            "{error}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_begins_the_count_anew() {
        let mut calls = 0;
        let fails_once = async || {
            calls += 1;
            (calls == 50).then(|| "UNAVAILABLE".to_owned())
        };
        call_until_healthy(fails_once).await.unwrap();
        assert_eq!(calls, 150);
    }
}
