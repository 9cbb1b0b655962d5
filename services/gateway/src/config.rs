use std::{net::SocketAddr, time::Duration};

use clap::Args;
use telemetry::propagation::Trust;
use transport::target::Target;

/// Where the gateway listens, and where it finds the user service.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address of the gRPC server; port 0 takes a free one.
    #[arg(long, env = "TRACEWALK_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// Address of the HTTP/JSON door; port 0 takes a free one.
    #[arg(long, env = "TRACEWALK_HTTP_LISTEN", default_value = "127.0.0.1:8080")]
    pub http_listen: SocketAddr,
    /// Address of `/metrics`, `/healthz` and `/readyz`; port 0 takes a free one.
    #[arg(long, env = "TRACEWALK_ADMIN_LISTEN", default_value = "127.0.0.1:9101")]
    pub admin_listen: SocketAddr,
    /// The user service: `static:///HOST:PORT,HOST:PORT` or `dns:///NAME:PORT`.
    #[arg(
        long,
        env = "TRACEWALK_USER",
        default_value = "static:///127.0.0.1:50052"
    )]
    pub user: Target,
    /// What the trace context of a caller is worth: `trust` continues its trace, `restart` begins a
    /// new one, `link` begins a new one that links to the caller's.
    #[arg(long, env = "TRACEWALK_TRACE_CONTEXT", default_value = "trust")]
    pub trace_context: Trust,
    /// Longest wait for calls in flight at the end, as `250ms` or `10s`.
    #[arg(
        long,
        env = "TRACEWALK_GRACE",
        default_value = "10s",
        value_parser = humantime::parse_duration
    )]
    pub grace: Duration,
}
