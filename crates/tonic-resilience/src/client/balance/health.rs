use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};
use tonic::{Code, Status, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient,
};

use super::{
    endpoint::{Condition, Endpoint},
    members::Members,
};

/// Longest wait for the answer to a probe, and for the first message of a watch.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// The wait before an ejected server is probed again: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Watches the health of a server for ever, and sets its condition in `members`.
pub(super) async fn watch(endpoint: Arc<Endpoint>, members: Members) {
    let mut backoff = BACKOFF.0;
    loop {
        let ended = follow(&endpoint, &members).await;
        if endpoint.condition() == Condition::Healthy {
            backoff = BACKOFF.0;
        }
        match ended {
            // The server ended the watch without an error, as at its maximum time for calls.
            Ok(()) => {}
            Err(error) => {
                tracing::debug!(server = %endpoint.authority(), ?error, "health watch failed");
                match error {
                    ProbeError::NoAnswer => members.unresponsive(&endpoint),
                    ProbeError::Status(_) => members.set(&endpoint, Condition::Ejected),
                }
            }
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    }
}

/// Why a watch or a probe failed.
#[derive(Debug)]
enum ProbeError {
    /// No answer in time.
    NoAnswer,
    Status(Status),
}

impl From<Status> for ProbeError {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// Follows one watch to its end.
async fn follow(endpoint: &Endpoint, members: &Members) -> Result<(), ProbeError> {
    let mut client = HealthClient::new(endpoint.pool.first().channel.clone());
    let begun = within(async {
        let watch = client.watch(HealthCheckRequest::default()).await?;
        let mut updates = watch.into_inner();
        let first = updates.message().await?;
        Ok((updates, first))
    });
    let (mut updates, first) = match begun.await {
        Ok((updates, Some(first))) => (updates, first),
        Ok((_, None)) => return Err(Status::unavailable("the watch ended before it began").into()),
        Err(ProbeError::Status(status)) if status.code() == Code::Unimplemented => {
            return follow_connection(endpoint, members, client).await;
        }
        Err(error) => return Err(error),
    };
    members.set(endpoint, condition_of(first));
    loop {
        tokio::select! {
            update = updates.message() => match update {
                Ok(Some(update)) => members.set(endpoint, condition_of(update)),
                Ok(None) => return Ok(()),
                Err(status) if status.code() == Code::DeadlineExceeded => return Ok(()),
                Err(status) => return Err(status.into()),
            },
            () = endpoint.probe_requested.notified() => {
                let answer = within(client.check(HealthCheckRequest::default())).await?;
                members.set(endpoint, condition_of(answer.into_inner()));
            }
        }
    }
}

/// Follows a server without the health service: it counts as healthy while it can be reached.
async fn follow_connection(
    endpoint: &Endpoint,
    members: &Members,
    mut client: HealthClient<Channel>,
) -> Result<(), ProbeError> {
    loop {
        members.set(endpoint, Condition::Healthy);
        // The server stays healthy until a probe fails: a call may fail for a reason of its own.
        endpoint.probe_requested.notified().await;
        match within(client.check(HealthCheckRequest::default())).await {
            Err(ProbeError::Status(status)) if status.code() == Code::Unimplemented => {}
            // The server was replaced by one with the health service: watch its health again.
            Ok(_) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn condition_of(answer: HealthCheckResponse) -> Condition {
    match answer.status() {
        ServingStatus::Serving => Condition::Healthy,
        _ => Condition::Ejected,
    }
}

/// The answer, if it comes in time.
async fn within<T>(answer: impl Future<Output = Result<T, Status>>) -> Result<T, ProbeError> {
    match timeout(PROBE_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(ProbeError::NoAnswer),
    }
}
