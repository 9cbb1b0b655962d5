//! What `tracewalk up` prints once it serves: where everything is, and what to look at first.

mod suggestions;

use std::{
    fmt::{self, Display, Formatter},
    net::SocketAddr,
};

use serde_json::{Value, json};

use super::{chain::Chain, first_trace::FirstTrace, identity::Identity, service::Service};
use crate::{
    embedded::Backends,
    output::{bold, dim},
};

/// Where everything is, and what to look at first.
#[derive(Debug)]
pub(super) struct Banner {
    gateway: SocketAddr,
    http: Option<SocketAddr>,
    user: SocketAddr,
    profile: SocketAddr,
    admin: [SocketAddr; 3],
    otlp: SocketAddr,
    otlp_http: SocketAddr,
    ui: SocketAddr,
    prometheus: SocketAddr,
    dashboards: SocketAddr,
    first_trace: String,
    is_sampled: bool,
    identity: Identity,
    /// The process ids of gateway, user, profile; `None` for one that has ended.
    pids: [Option<u32>; 3],
}

impl Banner {
    pub(super) fn new(
        chain: &Chain,
        backends: &Backends,
        identity: &Identity,
        first_trace: &FirstTrace,
    ) -> Self {
        let Chain {
            gateway,
            user,
            profile,
            ..
        } = chain;
        Self {
            gateway: gateway.ready.grpc,
            http: gateway.ready.http,
            user: user.ready.grpc,
            profile: profile.ready.grpc,
            admin: [gateway, user, profile].map(|service| service.ready.admin),
            otlp: backends.otlp,
            otlp_http: backends.otlp_http,
            ui: backends.ui,
            prometheus: backends.prometheus,
            dashboards: backends.dashboards,
            first_trace: first_trace.id.clone(),
            is_sampled: first_trace.is_sampled,
            identity: identity.clone(),
            pids: [gateway, user, profile].map(Service::pid),
        }
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "gateway": self.gateway,
            "http": self.http,
            "user": self.user,
            "profile": self.profile,
            "gateway_admin": self.admin[0],
            "user_admin": self.admin[1],
            "profile_admin": self.admin[2],
            "otlp": self.otlp,
            "otlp_http": self.otlp_http,
            "ui": self.ui,
            "prometheus": self.prometheus,
            "dashboards": self.dashboards,
            "first_trace": self.first_trace,
            "tls": self.identity.certificates,
            "token_file": self.identity.token_file(),
            "pids": {
                "gateway": self.pids[0],
                "user": self.pids[1],
                "profile": self.pids[2],
            },
        })
    }

    /// Each part of the stack, its address, and a remark that may be empty.
    fn places(&self) -> Vec<(&'static str, String, String)> {
        let Self {
            gateway,
            user,
            profile,
            otlp,
            otlp_http,
            ui,
            prometheus,
            dashboards,
            ..
        } = self;
        let [of_gateway, of_user, of_profile] = self.admin;
        let place = |what, place, remark: &str| (what, place, remark.to_owned());
        let learn = format!("http://{dashboards}/learn");
        let mut places = vec![
            place(
                "charts",
                format!("http://{dashboards}"),
                "rates, errors, latencies: Grafana's dashboards",
            ),
            place("traces", format!("http://{ui}"), "the Jaeger UI"),
            place("learn", learn, "walkthrough, mechanisms, runbooks"),
        ];
        if let Some(http) = self.http {
            places.push(place("http", format!("http://{http}/v1/users/1"), ""));
        }
        let chain = format!("gateway {gateway} → user {user} → profile {profile}");
        let others = format!("user {of_user}, profile {of_profile}");
        let promql = format!("http://{prometheus}/query?g0.expr=up");
        let own_spans = format!("gRPC, for spans of your own; http://{otlp_http} for OTLP/HTTP");
        places.extend([
            place("grpc", chain, ""),
            place("metrics", format!("http://{of_gateway}/metrics"), &others),
            place("promql", promql, "queries; Prometheus' API below /api/v1"),
            place("pids", self.pids(), "to stop one: kill -STOP, then -CONT"),
            place("otlp", otlp.to_string(), &own_spans),
        ]);
        places
    }

    /// The processes of the services that run.
    fn pids(&self) -> String {
        let names = ["gateway", "user", "profile"].into_iter().zip(self.pids);
        let pids = names.filter_map(|(name, pid)| Some(format!("{name} {}", pid?)));
        pids.collect::<Vec<_>>().join(", ")
    }
}

impl Display for Banner {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", bold("Where"))?;
        for (what, place, remark) in self.places() {
            if remark.is_empty() {
                writeln!(f, "  {what:<8} {place}")?;
            } else {
                writeln!(f, "  {what:<8} {place}  {}", dim(remark))?;
            }
        }
        writeln!(f, "\n{}", bold("Look at"))?;
        for (index, (what, how)) in self.suggestions().iter().enumerate() {
            writeln!(f, "  {}  {what}\n     {how}", index + 1)?;
        }
        write!(f, "\n{}", dim("Ctrl-C stops and drains everything."))
    }
}
