//! `tracewalk health`: the probe for containers.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use tokio::time::timeout;
use tonic::codegen::http::Uri;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_resilience::{
    source::Source,
    tls::{Connector, Tls, TlsMetrics},
};

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
    /// `off`, or the folder of `tracewalk certs` when the service speaks TLS.
    #[arg(long, env = "TRACEWALK_TLS", default_value_t, value_name = "FOLDER")]
    tls: Source,
    /// The service whose certificate must be shown with --tls, and whose certificate is shown in
    /// return [default: user at port 50052, profile at port 50053].
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// Longest wait for the answer, as `250ms` or `2s`.
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Prints the answer as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the serving status; only SERVING is a success.
pub(crate) async fn run(health: Health) -> anyhow::Result<ExitCode> {
    let connector = health.connector()?;
    let asked = ask(&health.address, connector, &health.service);
    let status = timeout(health.timeout, asked)
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

impl Health {
    /// How to connect; `None` is plain TCP.
    fn connector(&self) -> anyhow::Result<Option<Connector>> {
        let Some(folder) = self.tls.path() else {
            return Ok(None);
        };
        let peer = match (&self.peer, self.address.port_u16()) {
            (Some(peer), _) => peer,
            (None, Some(50052)) => "user",
            (None, Some(50053)) => "profile",
            _ => bail!(
                "--peer must say whose certificate {} has to show",
                self.address
            ),
        };
        let tls = Tls::load(folder, peer, &TlsMetrics::default());
        let tls = tls.with_context(|| format!("no TLS with the certificates of {peer}"))?;
        Ok(Some(tls.connector(peer)))
    }
}

/// Asks once, and names the answer as the protocol does.
pub(crate) async fn check(address: &Uri, service: &str) -> anyhow::Result<&'static str> {
    ask(address, None, service).await
}

async fn ask(
    address: &Uri,
    connector: Option<Connector>,
    service: &str,
) -> anyhow::Result<&'static str> {
    let channel = match connector {
        Some(connector) => client::connect_tls(address, connector).await?,
        None => client::connect(address).await?,
    };
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    match HealthClient::new(channel).check(request).await {
        Ok(answer) => Ok(answer.get_ref().status().as_str_name()),
        Err(status) => bail!(
            "{address} answers {}",
            client::Failure::from(&status).headline()
        ),
    }
}
