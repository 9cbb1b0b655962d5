//! Which names the durations of calls have, as the program or its environment chooses.

mod label;
mod scheme;

use crate::env::Variables;
pub(super) use label::label_name;
pub(crate) use scheme::SubjectPeer;
pub(super) use scheme::{Scheme, Subject};

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
