use std::net::SocketAddr;

use clap::Args;

use super::scrape::ScrapeTarget;

/// What the embedded backends keep, what they scrape, and where they listen.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Scrapes `http://HOST:PORT/metrics` too, every 2 s, and calls the service NAME; repeat it for
    /// more, also with the same name, for replicas.
    #[arg(
        long,
        env = "TRACEWALK_SCRAPE",
        value_name = "NAME=HOST:PORT",
        value_delimiter = ','
    )]
    pub(crate) scrape: Vec<ScrapeTarget>,
    /// The most spans that are kept; whole traces go, oldest first.
    #[arg(
        long,
        env = "TRACEWALK_MAX_SPANS",
        value_name = "SPANS",
        default_value_t = 100_000
    )]
    pub(crate) max_spans: usize,
    #[command(flatten)]
    pub(crate) listen: Addresses,
}

/// One address for each listener of the embedded backends.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub(crate) struct Addresses {
    /// Where services send their spans (OTLP/gRPC).
    #[arg(
        long = "otlp-listen",
        env = "TRACEWALK_OTLP_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:4317"
    )]
    pub(super) otlp: SocketAddr,
    /// Where services send their spans (OTLP/HTTP, protobuf or JSON).
    #[arg(
        long = "otlp-http-listen",
        env = "TRACEWALK_OTLP_HTTP_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:4318"
    )]
    pub(super) otlp_http: SocketAddr,
    /// Jaeger UI and query API.
    #[arg(
        long = "ui-listen",
        env = "TRACEWALK_UI_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:16686"
    )]
    pub(super) ui: SocketAddr,
    /// Prometheus' query API.
    #[arg(
        long = "prometheus-listen",
        env = "TRACEWALK_PROMETHEUS_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9090"
    )]
    pub(super) prometheus: SocketAddr,
    /// The dashboards: those of Grafana, drawn without it.
    #[arg(
        long = "dashboards-listen",
        env = "TRACEWALK_DASHBOARDS_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:3000"
    )]
    pub(super) dashboards: SocketAddr,
}
