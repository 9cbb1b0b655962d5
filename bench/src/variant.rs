use std::fmt::{self, Display, Formatter};

use clap::ValueEnum;
use serde::Serialize;

/// What is around the handlers of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Variant {
    /// tonic's own server and channel.
    Plain,
    /// Every layer of `tonic-resilience`, and nothing of `tonic-telemetry`.
    Transport,
    /// Both stacks of `tonic-stack`, without an exporter: what metrics cost.
    Metrics,
    /// With an exporter, and no trace sampled: the context still travels.
    Unsampled,
    /// One trace of ten sampled.
    Tenth,
    /// Every trace sampled.
    Sampled,
    /// Every trace sampled, and a line of JSON for each call and hop.
    Full,
    /// Every trace sampled, and mutual TLS between the hops.
    Tls,
    /// grpc-go's own server and channel.
    GoPlain,
    /// The same with otelgrpc, every trace sampled, and histograms of `client_golang` with exemplars.
    GoTelemetry,
    /// The same with go-grpc-middleware: a line of JSON for each call and hop, recovery, retries and timeouts.
    GoFull,
}

impl Variant {
    /// Whether it is a program in Go.
    pub(crate) fn is_go(self) -> bool {
        matches!(self, Self::GoPlain | Self::GoTelemetry | Self::GoFull)
    }

    /// Whether it has the telemetry of `tonic-telemetry`.
    pub(crate) fn is_observed(self) -> bool {
        !matches!(self, Self::Plain | Self::Transport)
    }

    /// Its colour in every plot, as a number of the palette.
    pub(crate) fn colour(self) -> usize {
        match self {
            Self::Transport => 0,
            Self::Metrics | Self::Tls => 1,
            Self::Unsampled | Self::Tenth => 2,
            Self::Sampled | Self::GoTelemetry => 3,
            Self::Full | Self::GoFull => 4,
            Self::Plain | Self::GoPlain => 5,
        }
    }

    /// The share of the traces that are sampled; `None` where nothing is exported.
    fn sampled(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Transport | Self::Metrics | Self::GoPlain => None,
            Self::Unsampled => Some("0"),
            Self::Tenth => Some("0.1"),
            Self::Sampled | Self::Full | Self::Tls | Self::GoTelemetry | Self::GoFull => Some("1"),
        }
    }

    /// How many spans `calls` calls through so many hops make; `None` where sampling makes it random.
    ///
    /// That is a server span at each hop, and at each but the last one a span of the call to the next hop
    /// and, in Rust, one of its attempt.
    pub(crate) fn spans_of(self, calls: u64, hops: usize) -> Option<u64> {
        match self.sampled() {
            None | Some("0") => Some(0),
            Some("1") if self.is_go() => Some(calls * (2 * hops as u64 - 1)),
            Some("1") => Some(calls * (3 * hops as u64 - 2)),
            Some(_) => None,
        }
    }

    /// The environment that the telemetry of a hop sees.
    pub(crate) fn variable(self, name: &str, collector: &str) -> Option<String> {
        let value = match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => collector,
            "OTEL_TRACES_EXPORTER" if self.sampled().is_none() => "none",
            "OTEL_TRACES_SAMPLER" => "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG" => self.sampled()?,
            "RUST_LOG" if self == Self::Full => "info",
            "RUST_LOG" => "warn",
            _ => return None,
        };
        Some(value.to_owned())
    }
}

impl Display for Variant {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no variant is skipped");
        formatter.pad(value.get_name())
    }
}
