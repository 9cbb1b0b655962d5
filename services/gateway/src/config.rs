use std::{net::SocketAddr, time::Duration};

use clap::{Args, value_parser};
use etcd_registry::{AnyTarget, RegistryConfig};
use tonic_resilience::client::balance::Policy;
use tonic_telemetry::propagation::Trust;

use crate::auth::Auth;

/// Where the gateway listens, and where it finds the user service.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address of the gRPC server; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// Address of the HTTP/JSON listener; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub http_listen: SocketAddr,
    /// Address of `/metrics`, `/healthz` and `/readyz`; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9101")]
    pub admin_listen: SocketAddr,
    /// The user service: `static:///HOST:PORT,HOST:PORT`, `dns:///NAME:PORT` or `etcd:///NAME`.
    #[arg(
        long,
        value_name = "TARGET",
        default_value = "static:///127.0.0.1:50052"
    )]
    pub user: AnyTarget,
    /// What the trace context of a caller is worth: `trust` continues its trace, `restart` begins a
    /// new one, `link` begins a new one that links to the caller's.
    #[arg(long, value_name = "TRUST", default_value = "trust")]
    pub trace_context: Trust,
    /// How one of the servers of the user service is chosen: `pick_first`, `round_robin`,
    /// `weighted_round_robin` (`HOST:PORT;weight=3` in the target) or `least_request`.
    #[arg(long, value_name = "POLICY", default_value_t)]
    pub user_policy: Policy,
    /// Longest time of a unary call to the user service, with all its attempts, as `500ms` or `2s`.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "5s",
        value_parser = humantime::parse_duration
    )]
    pub user_timeout: Duration,
    /// Most calls a second of one caller, and most at once.
    #[arg(long, value_name = "CALLS", default_value_t = 10_000)]
    pub rate_limit: u32,
    /// How many percent of the unary calls, and of the streams, that are admitted at a time one
    /// caller may have.
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 50,
        value_parser = value_parser!(u8).range(1..=100)
    )]
    pub caller_share: u8,
    /// Where services register, and where `etcd:` targets are looked up.
    #[command(flatten)]
    pub registry: RegistryConfig,
    /// How it is hosted.
    #[command(flatten)]
    pub host: tonic_stack::host::HostConfig,
    /// Who may write.
    #[command(flatten)]
    pub auth: Auth,
}
