//! The gateway as its callers see it: what `call`, `load` and the launcher's traffic share.
//!
//! These clients export no spans, so the first span of a trace is the gateway's SERVER span and a
//! trace has no missing root. They learn the trace id from the response metadata `x-trace-id`.

mod addresses;
mod admin;
mod bearer;
mod caller;
mod failure;
mod fault;
mod http;
mod last_trace;
mod reply;
mod target;

pub(crate) use addresses::addresses;
pub(crate) use admin::{Admin, AdminOf};
pub(crate) use bearer::{Bearer, TokenArgs};
pub(crate) use caller::{Caller, DEBUG_ID, set_timeout};
pub(crate) use failure::Failure;
pub(crate) use fault::{FaultArgs, parse_fault};
pub(crate) use grpc_wire::code_name;
pub(crate) use http::{get_json, get_open_metrics};
pub(crate) use last_trace::LastTrace;
pub(crate) use reply::{is_sampled, trace_id};
pub(crate) use target::{NOT_SAMPLED, Target, parse_url};
pub(crate) use tonic::codegen::http::Uri;

use std::{error::Error, time::Duration};

use anyhow::{Context as _, anyhow};
use proto::gateway::v1::gateway_service_client::GatewayServiceClient;
use tokio::time::timeout;
use tonic::{
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};
use tonic_resilience::tls::Connector;

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// A client of the gateway that adds the caller's metadata to each call.
pub(crate) type Gateway = GatewayServiceClient<InterceptedService<Channel, Caller>>;

/// A client of the gateway over this connection.
pub(crate) fn gateway(channel: Channel, caller: &Caller) -> Gateway {
    GatewayServiceClient::with_interceptor(channel, caller.clone())
}

/// Connects now, so that a wrong address is one clear line and not a failed call.
///
/// # Errors
/// When nobody accepts the connection within two seconds.
pub(crate) async fn connect(url: &Uri) -> anyhow::Result<Channel> {
    // Tonic's own timeout begins only after the lookup of the name.
    let connected = timeout(CONNECT, endpoint(url)?.connect()).await;
    let connected = connected.map_err(|_elapsed| {
        let address = url.authority().map_or("", |authority| authority.as_str());
        anyhow!("cannot reach {address}: no connection in {CONNECT:?}")
    })?;
    explain(url, connected)
}

/// Connects to a service that must show its certificate, and shows one of ours.
///
/// # Errors
/// As [`connect`], and when one does not accept the certificate of the other.
pub(crate) async fn connect_tls(url: &Uri, connector: Connector) -> anyhow::Result<Channel> {
    let connected = endpoint(url)?.connect_with_connector(connector).await;
    explain(url, connected)
}

fn endpoint(url: &Uri) -> anyhow::Result<Endpoint> {
    Ok(Endpoint::from(url.clone())
        .user_agent(concat!("tracewalk/", env!("CARGO_PKG_VERSION")))
        .context("our own name is no valid user agent")?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true))
}

fn explain(
    url: &Uri,
    connected: Result<Channel, tonic::transport::Error>,
) -> anyhow::Result<Channel> {
    connected.map_err(|error| {
        let address = url.authority().map_or("", |authority| authority.as_str());
        anyhow!("cannot reach {address}: {}", root_cause(&error))
    })
}

/// Connects to the gateway often enough that `in_flight` calls do not queue for a place on a
/// connection.
///
/// # Errors
/// As [`connect`].
pub(crate) async fn connect_gateway(url: &Uri, in_flight: u32) -> anyhow::Result<Vec<Channel>> {
    let mut channels = Vec::new();
    for _ in 0..in_flight.div_ceil(64).min(8) {
        channels.push(
            connect(url)
                .await
                .context("no gateway (is `tracewalk up` running?)")?,
        );
    }
    Ok(channels)
}

/// The innermost of wrapped errors: the one that says what is wrong.
fn root_cause(error: &dyn Error) -> &dyn Error {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}
