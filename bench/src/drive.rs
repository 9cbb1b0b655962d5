//! A closed loop of callers: each sends its next call when the last one is answered.

use std::time::Duration;

use anyhow::Context as _;
use proto::gateway::v1::{GetUserRequest, gateway_service_client::GatewayServiceClient};
use tokio::{task::JoinSet, time::Instant};
use tonic::transport::Endpoint;

/// Keeps `in_flight` calls of `GetUser` going for `duration` and returns how many were answered.
///
/// # Errors
///
/// The first call that fails ends the run: a number with failures in it would mean nothing.
pub(crate) async fn run(
    gateway: &str,
    in_flight: usize,
    duration: Duration,
) -> anyhow::Result<u64> {
    let channel = Endpoint::from_shared(gateway.to_owned())?
        .tcp_nodelay(true)
        .connect()
        .await
        .context("cannot connect to the gateway")?;
    let end = Instant::now() + duration;
    let mut callers = JoinSet::new();
    for caller in 0..in_flight {
        let mut client = GatewayServiceClient::new(channel.clone());
        callers.spawn(async move {
            let mut calls = 0;
            while Instant::now() < end {
                let user_id = (caller as u64 * 31 + calls) % 1000 + 1;
                let request = GetUserRequest {
                    user_id: user_id.to_string(),
                };
                client.get_user(request).await?;
                calls += 1;
            }
            Ok::<u64, tonic::Status>(calls)
        });
    }
    let mut calls = 0;
    while let Some(finished) = callers.join_next().await {
        calls += finished?.context("a call failed")?;
    }
    Ok(calls)
}
