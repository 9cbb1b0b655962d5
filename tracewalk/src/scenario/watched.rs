//! Calls that watch a user.

use std::time::Duration;

use proto::gateway::v1::WatchUserRequest;
use tokio::time::timeout;
use tonic::{Code, Request, transport::Channel};

use super::{calls::MARGIN, workload::Calls};
use crate::{
    client::{self, Caller},
    load::Seen,
};

/// The time between two updates of a watch.
const INTERVAL: Duration = Duration::from_millis(20);

/// Reads updates up to the end, or until the caller has seen enough.
pub(super) async fn call(channel: &Channel, caller: &Caller, calls: &Calls) -> (Code, Seen) {
    let mut noted = Seen::default();
    let watching = async {
        let request = Request::new(WatchUserRequest {
            user_id: calls.user.clone().unwrap_or_else(|| "1".to_owned()),
            updates: calls.updates,
            interval: INTERVAL.try_into().ok(),
        });
        let mut gateway = client::gateway(channel.clone(), caller);
        let answer = gateway.watch_user(request).await?;
        noted.note(answer.metadata());
        let mut updates = answer.into_inner();
        let mut seen = 0;
        while updates.message().await?.is_some() {
            seen += 1;
            if calls.leave_after == Some(seen) {
                return Ok(Code::Cancelled);
            }
        }
        Ok::<_, tonic::Status>(Code::Ok)
    };
    let max_wait = calls.deadline.saturating_add(MARGIN);
    match timeout(max_wait, watching).await {
        Ok(Ok(code)) => (code, noted),
        Ok(Err(status)) => {
            noted.note(status.metadata());
            (status.code(), noted)
        }
        Err(_) => (Code::DeadlineExceeded, noted),
    }
}
