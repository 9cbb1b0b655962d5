use std::{net::SocketAddr, time::Duration};

use clap::Args;
use database::DatabaseUrl;
use etcd_registry::{AnyTarget, RegistryConfig};
use outbox::Transport;
use tonic_resilience::client::balance::Policy;

/// Where the user service listens, where it keeps the users, and whom it asks for profiles.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address of the gRPC server; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50052")]
    pub listen: SocketAddr,
    /// Address of `/metrics`, `/healthz` and `/readyz`; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9102")]
    pub admin_listen: SocketAddr,
    /// The users: `sqlite:PATH`, `postgres://USER@HOST/NAME`, or `memory:` to lose them at the
    /// end.
    // The URL may hold a password, and `--help` prints variables.
    #[arg(
        long,
        value_name = "URL",
        default_value = "sqlite:data/user.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// The profile service: `static:///HOST:PORT,HOST:PORT`, `dns:///NAME:PORT` or `etcd:///NAME`.
    #[arg(
        long,
        value_name = "TARGET",
        default_value = "static:///127.0.0.1:50053"
    )]
    pub profile: AnyTarget,
    /// How one of the servers of the profile service is chosen: `pick_first`, `round_robin`,
    /// `weighted_round_robin` (`HOST:PORT;weight=3` in the target) or `least_request`.
    #[arg(long, value_name = "POLICY", default_value_t)]
    pub profile_policy: Policy,
    /// Longest time of a unary call to the profile service, with all its attempts, as `500ms`
    /// or `2s`.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "1s",
        value_parser = humantime::parse_duration
    )]
    pub profile_timeout: Duration,
    /// Where services register, and where `etcd:` targets are looked up.
    #[command(flatten)]
    pub registry: RegistryConfig,
    /// How events get to the profile service: `grpc`, or `kafka://HOST:PORT,HOST:PORT/TOPIC`, with a
    /// program that was built with the feature `kafka`.
    #[arg(long, value_name = "URL", default_value_t)]
    pub events: Transport,
    /// How it is hosted.
    #[command(flatten)]
    pub host: tonic_stack::host::HostConfig,
}
