//! `tracewalk health`: the probe for containers.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use tokio::time::timeout;
use tonic::codegen::http::Uri;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::{client, output};

/// Whom to ask, and for how long.
#[derive(Args, Debug)]
pub(crate) struct Health {
    /// gRPC address of the service, as `host:port` or `http://host:port`.
    #[arg(value_name = "ADDRESS", value_parser = client::parse_url)]
    address: Uri,
    /// Full name of one service, as `tracewalk.user.v1.UserService`; empty asks for the server.
    #[arg(long, value_name = "NAME", default_value = "")]
    service: String,
    /// Longest wait for the answer, as `250ms` or `2s`.
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Prints the answer as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the serving status; only SERVING is a success.
pub(crate) async fn run(health: Health) -> anyhow::Result<ExitCode> {
    let status = timeout(health.timeout, check(&health.address, &health.service))
        .await
        .with_context(|| format!("no answer from {} in {:?}", health.address, health.timeout))??;
    if health.json {
        output::json(&json!({ "status": status, "service": health.service }))?;
    } else {
        output::line(status)?;
    }
    Ok(if status == "SERVING" {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Asks once, and names the answer as the protocol does.
pub(crate) async fn check(address: &Uri, service: &str) -> anyhow::Result<&'static str> {
    let channel = client::connect(address).await?;
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    match HealthClient::new(channel).check(request).await {
        Ok(answer) => Ok(answer.get_ref().status().as_str_name()),
        Err(status) => bail!("{address} answers {}", client::Failure::from(&status)),
    }
}
