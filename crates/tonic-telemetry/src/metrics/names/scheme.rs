//! The names, labels and buckets of each scheme.

use grpc_wire::{Method, Side, code_name, is_error};
use tonic::Code;

use super::label::label_name;
use crate::{
    conventions::{
        ERROR_TYPE, RPC_METHOD, RPC_RESPONSE_STATUS_CODE, RPC_SYSTEM_NAME, SERVER_ADDRESS,
        SERVER_PORT,
    },
    metrics::DURATION_BUCKETS,
};

/// One way to name a histogram of calls and its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::metrics) enum Scheme {
    Own,
    Conventions,
    Grpc,
}

/// What a call belongs to, beside its code.
#[derive(Clone, Debug)]
pub(in crate::metrics) struct Subject {
    pub(in crate::metrics) method: Method,
    /// `None` for a server.
    pub(in crate::metrics) peer: Option<SubjectPeer>,
}

/// The server that a client calls, as labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectPeer {
    pub(crate) name: String,
    pub(crate) address: String,
    /// Empty where it is not known.
    pub(crate) port: String,
}

impl Scheme {
    /// The name of the histogram of whole calls.
    pub(in crate::metrics) fn call(self, side: Side) -> &'static str {
        match (self, side) {
            (Self::Own, Side::Server) => "grpc_rpc_duration_seconds",
            (Self::Own, Side::Client) => "grpc_client_rpc_duration_seconds",
            (Self::Conventions, Side::Server) => "rpc_server_call_duration_seconds",
            (Self::Conventions, Side::Client) => "rpc_client_call_duration_seconds",
            (Self::Grpc, Side::Server) => "grpc_server_call_duration_seconds",
            (Self::Grpc, Side::Client) => "grpc_client_call_duration_seconds",
        }
    }

    /// The upper bounds of the buckets, in seconds.
    pub(in crate::metrics) fn buckets(self) -> &'static [f64] {
        match self {
            Self::Own => &DURATION_BUCKETS,
            Self::Conventions => &CONVENTIONS_BUCKETS,
            Self::Grpc => &GRPC_BUCKETS,
        }
    }

    /// The names of the labels.
    pub(in crate::metrics) fn labels(self, side: Side) -> Vec<String> {
        let of_client = |labels: &[&str]| match side {
            Side::Server => Vec::new(),
            Side::Client => labels.iter().map(|it| label_name(it)).collect(),
        };
        let (always, of_client) = match self {
            Self::Own => (&["service", "method", "code"][..], of_client(&["target"])),
            Self::Conventions => (
                &[
                    RPC_SYSTEM_NAME,
                    RPC_METHOD,
                    RPC_RESPONSE_STATUS_CODE,
                    ERROR_TYPE,
                ][..],
                of_client(&[SERVER_ADDRESS, SERVER_PORT]),
            ),
            Self::Grpc => (
                &["grpc.method", "grpc.status"][..],
                of_client(&["grpc.target"]),
            ),
        };
        let always = always.iter().map(|it| label_name(it));
        always.chain(of_client).collect()
    }

    /// The values of these labels.
    pub(in crate::metrics) fn values(self, subject: &Subject, code: Code) -> Vec<&str> {
        let (method, name) = (&subject.method, code_name(code));
        let side = match subject.peer {
            None => Side::Server,
            Some(_) => Side::Client,
        };
        let mut values = match self {
            Self::Own => vec![method.service, method.name, name],
            Self::Conventions => {
                let error = if is_error(side, code) { name } else { "" };
                vec!["grpc", method.full_name, name, error]
            }
            // A66: so that a caller who makes up methods adds no series.
            Self::Grpc if !method.is_registered() => vec!["other", name],
            Self::Grpc => vec![method.full_name, name],
        };
        if let Some(peer) = &subject.peer {
            match self {
                Self::Own | Self::Grpc => values.push(&peer.name),
                Self::Conventions => values.extend([peer.address.as_str(), peer.port.as_str()]),
            }
        }
        values
    }
}

/// Spec: [`rpc.server.call.duration`](https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/rpc-metrics.md).
const CONVENTIONS_BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Spec: [gRFC A66](https://github.com/grpc/proposal/blob/master/A66-otel-stats.md), latency.
const GRPC_BUCKETS: [f64; 41] = [
    0.0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005,
    0.006, 0.008, 0.01, 0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16,
    0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0,
];
