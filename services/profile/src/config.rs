use std::net::SocketAddr;

use clap::Args;
use database::DatabaseUrl;
use etcd_registry::RegistryConfig;
use outbox::Transport;

/// Where the profile service listens, and where it keeps the profiles.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address of the gRPC server; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50053")]
    pub listen: SocketAddr,
    /// Address of `/metrics`, `/healthz` and `/readyz`; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9103")]
    pub admin_listen: SocketAddr,
    /// The profiles: `sqlite:PATH`, `postgres://USER@HOST/NAME`, or `memory:` to lose them at the
    /// end.
    // The URL may hold a password, and `--help` prints variables.
    #[arg(
        long,
        value_name = "URL",
        default_value = "sqlite:data/profile.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// Where services register, and where `etcd:` targets are looked up.
    #[command(flatten)]
    pub registry: RegistryConfig,
    /// How events come from the user service: `grpc`, or `kafka://HOST:PORT,HOST:PORT/TOPIC`, with a
    /// program that was built with the feature `kafka`.
    #[arg(long, value_name = "URL", default_value_t)]
    pub events: Transport,
    /// How it is hosted.
    #[command(flatten)]
    pub host: tonic_stack::host::HostConfig,
}
