use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use etcd_registry::{EtcdUrl, ParseUrlError};
use outbox::Transport;
use tonic_resilience::source::Source;

use crate::{embedded, load::parse_rate};

/// Where everything listens, where data is kept, and how much traffic there is.
///
/// Port 0 takes a free one. The services run with the environment of the launcher, so `RUST_LOG`
/// reaches them. Of `OTEL_*` what is about the sampler, the limits of spans, their queue and the resource does;
/// where telemetry goes and what a service is called is set here.
#[derive(Args, Clone, Debug)]
pub(crate) struct Up {
    /// Light traffic of all kinds, in calls a second; 0 is none.
    #[arg(long, env = "TRACEWALK_LOAD", default_value = "5", value_name = "CALLS", value_parser = parse_rate)]
    pub(super) load: f64,
    /// Folder of the databases and the logs; made when it is not there.
    #[arg(
        long,
        env = "TRACEWALK_DATA_DIR",
        value_name = "FOLDER",
        default_value = "data"
    )]
    pub(super) data_dir: PathBuf,
    /// How long a service may take to end its calls when it stops, as `500ms` or `10s`.
    #[arg(
        long,
        env = "TRACEWALK_GRACE",
        default_value = "10s",
        value_name = "TIME", value_parser = humantime::parse_duration
    )]
    pub(super) grace: Duration,
    /// Mutual TLS between the services: `off`, or the folder of the certificates, which are made
    /// when they are missing.
    #[arg(long, env = "TRACEWALK_TLS", default_value_t, value_name = "FOLDER")]
    pub(super) tls: Source,
    /// Tokens for writes: `off`, or the folder of the keys. They are made when they are missing,
    /// and a token that may write is kept in the file `token` there.
    #[arg(long, env = "TRACEWALK_AUTH", default_value_t, value_name = "FOLDER")]
    pub(super) auth: Source,
    /// The services register in etcd and find each other there: `etcd://HOST:PORT`, or `etcd:///` for
    /// `TRACEWALK_ETCD`, by default 127.0.0.1:2379. Their other options for etcd are taken from their
    /// variables, as `TRACEWALK_ETCD_CA`.
    #[arg(long, env = "TRACEWALK_REGISTER", value_name = "ETCD", value_parser = parse_cluster)]
    pub(super) register: Option<EtcdUrl>,
    /// How events get from the user to the profile service: `grpc`, or
    /// `kafka://HOST:PORT,HOST:PORT/TOPIC`, with a program that was built with the feature `kafka`.
    #[arg(long, env = "TRACEWALK_EVENTS", default_value_t, value_name = "URL")]
    pub(super) events: Transport,
    /// Prints one line of JSON with all addresses and the first trace, and nothing else.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) embedded: embedded::Options,
    #[command(flatten)]
    pub(super) listen: Listen,
}

/// A cluster without a name: each service registers under its own.
fn parse_cluster(text: &str) -> Result<EtcdUrl, String> {
    let url: EtcdUrl = text
        .parse()
        .map_err(|error: ParseUrlError| error.to_string())?;
    match &url.name {
        None => Ok(url),
        Some(name) => Err(format!(
            "each service registers under its own name: expected etcd://HOST:PORT without {name:?}"
        )),
    }
}

/// One address for each listener of the chain.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub(crate) struct Listen {
    /// gRPC of the gateway.
    #[arg(
        long = "gateway-listen",
        env = "TRACEWALK_GATEWAY_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:50051"
    )]
    pub(super) gateway: SocketAddr,
    /// HTTP/JSON of the gateway.
    #[arg(
        long = "http-listen",
        env = "TRACEWALK_HTTP_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub(super) http: SocketAddr,
    /// gRPC of the user service.
    #[arg(
        long = "user-listen",
        env = "TRACEWALK_USER_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:50052"
    )]
    pub(super) user: SocketAddr,
    /// gRPC of the profile service.
    #[arg(
        long = "profile-listen",
        env = "TRACEWALK_PROFILE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:50053"
    )]
    pub(super) profile: SocketAddr,
    /// Metrics and health of the gateway (HTTP).
    #[arg(
        long = "gateway-admin-listen",
        env = "TRACEWALK_GATEWAY_ADMIN_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9101"
    )]
    pub(super) gateway_admin: SocketAddr,
    /// Metrics and health of the user service (HTTP).
    #[arg(
        long = "user-admin-listen",
        env = "TRACEWALK_USER_ADMIN_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9102"
    )]
    pub(super) user_admin: SocketAddr,
    /// Metrics and health of the profile service (HTTP).
    #[arg(
        long = "profile-admin-listen",
        env = "TRACEWALK_PROFILE_ADMIN_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9103"
    )]
    pub(super) profile_admin: SocketAddr,
}
