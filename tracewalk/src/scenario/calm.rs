//! Waits until the stack is well: what an earlier scenario did must not be seen in the next.

use std::time::{Duration, Instant};

use anyhow::bail;
use proto::gateway::v1::GetUserRequest;
use tokio::time::{sleep, timeout};
use tonic::Request;

use super::stage::Stage;
use crate::client::{self, Caller, code_name};

/// So many good answers in a row close each breaker, and fill each retry budget.
const GOOD: u32 = 100;

/// A breaker is open for 5 s, and wants three good calls then.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes plain calls until 100 in a row were answered whole.
///
/// # Errors
/// When that takes longer than 30 s, with what the last failure was.
pub(super) async fn calm(stage: &Stage, caller: &Caller) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut good = 0;
    while good < GOOD {
        match call(stage, caller).await {
            None => good += 1,
            Some(failure) if begin.elapsed() > PATIENCE => {
                bail!("the stack is not well after {PATIENCE:?}: plain calls end with {failure}")
            }
            Some(_) => {
                good = 0;
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    Ok(())
}

/// What was wrong with the answer.
async fn call(stage: &Stage, caller: &Caller) -> Option<String> {
    let mut request = Request::new(GetUserRequest {
        user_id: "1".to_owned(),
    });
    request.set_timeout(stage.target.timeout);
    let mut gateway = client::gateway(stage.channel.clone(), caller);
    match timeout(stage.target.timeout, gateway.get_user(request)).await {
        Ok(Ok(answer)) if answer.get_ref().degraded => Some("no profile".to_owned()),
        Ok(Ok(_)) => None,
        Ok(Err(status)) => Some(code_name(status.code()).to_owned()),
        Err(_) => Some("no answer".to_owned()),
    }
}
