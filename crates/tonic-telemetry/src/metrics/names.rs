//! The names and labels under which durations of calls are shown.

use grpc_wire::{Method, Side, code_name, is_error};
use tonic::Code;

use super::registry::label_name;
use crate::{
    conventions::{
        ERROR_TYPE, RPC_METHOD, RPC_RESPONSE_STATUS_CODE, RPC_SYSTEM_NAME, SERVER_ADDRESS,
        SERVER_PORT,
    },
    env::Variables,
};

/// Under which names the histograms of calls are on the page of metrics.
///
/// Dashboards and rules of this repository ask for those of [`RpcMetricNames::Own`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RpcMetricNames {
    /// `grpc_rpc_duration_seconds{service,method,code}` and `grpc_client_rpc_duration_seconds`.
    #[default]
    Own,
    /// Those of the semantic conventions v1.44.0: `rpc_server_call_duration_seconds` and
    /// `rpc_client_call_duration_seconds`, with the attributes of the conventions as labels.
    SemanticConventions,
    /// Both of the above.
    OwnAndSemanticConventions,
    /// Those of [gRFC A66](https://github.com/grpc/proposal/blob/master/A66-otel-stats.md):
    /// `grpc_server_call_duration_seconds{grpc_method,grpc_status}`,
    /// `grpc_client_call_duration_seconds` and `grpc_client_attempt_duration_seconds`.
    Grpc,
}

impl RpcMetricNames {
    /// What `OTEL_SEMCONV_STABILITY_OPT_IN` asks for: `rpc`, or `rpc/dup`, which wins. `None` where
    /// it says nothing about RPCs; what no convention knows is ignored with a warning.
    ///
    /// Spec: [RPC metrics](https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/README.md).
    pub(crate) fn read(variables: &Variables) -> Option<Self> {
        // The others are for other instrumentations of the same process.
        let words = [
            "rpc/dup",
            "rpc",
            "http",
            "http/dup",
            "database",
            "database/dup",
            "messaging",
            "messaging/dup",
            "code",
            "code/dup",
            "k8s",
            "k8s/dup",
            "gen_ai_latest_experimental",
        ];
        let expected = "rpc or rpc/dup";
        let chosen = variables.list("OTEL_SEMCONV_STABILITY_OPT_IN", &words, expected)?;
        if chosen.contains(&0) {
            return Some(Self::OwnAndSemanticConventions);
        }
        chosen.contains(&1).then_some(Self::SemanticConventions)
    }

    /// The schemes of the histograms of whole calls.
    pub(super) fn schemes(self) -> &'static [Scheme] {
        match self {
            Self::Own => &[Scheme::Own],
            Self::SemanticConventions => &[Scheme::Conventions],
            Self::OwnAndSemanticConventions => &[Scheme::Own, Scheme::Conventions],
            Self::Grpc => &[Scheme::Grpc],
        }
    }

    /// The scheme of the histogram of attempts, which the conventions do not have.
    pub(super) fn of_attempts(self) -> Scheme {
        match self {
            Self::Grpc => Scheme::Grpc,
            _ => Scheme::Own,
        }
    }
}

/// One way to name a histogram of calls and its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Own,
    Conventions,
    Grpc,
}

/// What a call belongs to, beside its code.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) method: Method,
    /// `None` for a server.
    pub(super) peer: Option<SubjectPeer>,
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
    pub(super) fn call(self, side: Side) -> &'static str {
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
    pub(super) fn buckets(self) -> &'static [f64] {
        match self {
            Self::Own => &super::DURATION_BUCKETS,
            Self::Conventions => &CONVENTIONS_BUCKETS,
            Self::Grpc => &GRPC_BUCKETS,
        }
    }

    /// The names of the labels.
    pub(super) fn labels(self, side: Side) -> Vec<String> {
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
    pub(super) fn values(self, subject: &Subject, code: Code) -> Vec<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses_the_names_of_the_conventions() {
        use RpcMetricNames as Names;
        for (value, expected, warnings) in [
            ("rpc", Some(Names::SemanticConventions), 0),
            ("rpc/dup", Some(Names::OwnAndSemanticConventions), 0),
            (
                "http, rpc , rpc/dup",
                Some(Names::OwnAndSemanticConventions),
                0,
            ),
            ("http/dup,database", None, 0),
            ("", None, 0),
            ("grpc", None, 1),
            ("rpc,nonsense", Some(Names::SemanticConventions), 1),
        ] {
            let variables = Variables::of(&[("OTEL_SEMCONV_STABILITY_OPT_IN", value)]);
            assert_eq!(Names::read(&variables), expected, "{value}");
            let said = variables.take_warnings();
            assert_eq!(said.len(), warnings, "{value}: {said:?}");
            assert!(
                said.iter().all(|it| it.contains("rpc or rpc/dup")),
                "{said:?}"
            );
        }
    }
}
