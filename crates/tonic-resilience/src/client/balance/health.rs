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

/// Longest wait for the answer to a probe, and for the first word of a watch.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// The wait before a server that is out is tried again: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Watches the health of a server for ever, and says in `members` when it goes in or out.
pub(super) async fn watch(endpoint: Arc<Endpoint>, members: Members) {
    let mut backoff = BACKOFF.0;
    loop {
        let ended = follow(&endpoint, &members).await;
        if endpoint.condition() == Condition::Ready {
            backoff = BACKOFF.0;
        }
        match ended {
            // The server ended the watch in good order, as one with a maximum for all calls does.
            Ok(()) => {}
            Err(trouble) => {
                tracing::debug!(server = %endpoint.authority(), ?trouble, "health watch failed");
                match trouble {
                    Trouble::Silence => members.spare(&endpoint),
                    Trouble::Error(_) => members.set(&endpoint, Condition::Down),
                }
            }
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    }
}

/// Why a watch ended.
#[derive(Debug)]
enum Trouble {
    /// No answer in time.
    Silence,
    Error(Status),
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        Self::Error(status)
    }
}

/// Follows one watch to its end.
async fn follow(endpoint: &Endpoint, members: &Members) -> Result<(), Trouble> {
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
        Err(Trouble::Error(status)) if status.code() == Code::Unimplemented => {
            return follow_reach(endpoint, members, client).await;
        }
        Err(trouble) => return Err(trouble),
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
            () = endpoint.suspected.notified() => {
                let answer = within(client.check(HealthCheckRequest::default())).await?;
                members.set(endpoint, condition_of(answer.into_inner()));
            }
        }
    }
}

/// Follows a server without the health service: it is taken to be well while it can be reached.
async fn follow_reach(
    endpoint: &Endpoint,
    members: &Members,
    mut client: HealthClient<Channel>,
) -> Result<(), Trouble> {
    loop {
        members.set(endpoint, Condition::Ready);
        // It stays in until the probe fails: a call may fail for a reason of its own.
        endpoint.suspected.notified().await;
        match within(client.check(HealthCheckRequest::default())).await {
            Err(Trouble::Error(status)) if status.code() == Code::Unimplemented => {}
            // It was exchanged for one that tells its health.
            Ok(_) => return Ok(()),
            Err(trouble) => return Err(trouble),
        }
    }
}

fn condition_of(answer: HealthCheckResponse) -> Condition {
    match answer.status() {
        ServingStatus::Serving => Condition::Ready,
        _ => Condition::Down,
    }
}

/// The answer, if it comes in time.
async fn within<T>(answer: impl Future<Output = Result<T, Status>>) -> Result<T, Trouble> {
    match timeout(PROBE_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Trouble::Silence),
    }
}
