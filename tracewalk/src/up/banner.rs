use std::{
    fmt::{self, Display, Formatter},
    net::SocketAddr,
};

use serde_json::{Value, json};

use super::{backends::Backends, chain::Chain, child::Child};
use crate::output::{bold, dim};

/// Where everything is, and what to look at first.
#[derive(Debug)]
pub(super) struct Banner {
    gateway: SocketAddr,
    http: Option<SocketAddr>,
    user: SocketAddr,
    profile: SocketAddr,
    admin: [SocketAddr; 3],
    otlp: SocketAddr,
    ui: SocketAddr,
    first_trace: String,
    /// Of gateway, user, profile; `None` for one that has ended.
    pids: [Option<u32>; 3],
}

impl Banner {
    pub(super) fn new(chain: &Chain, backends: &Backends, first_trace: &str) -> Self {
        let Chain {
            gateway,
            user,
            profile,
        } = chain;
        Self {
            gateway: gateway.ready.grpc,
            http: gateway.ready.http,
            user: user.ready.grpc,
            profile: profile.ready.grpc,
            admin: [gateway, user, profile].map(|child| child.ready.admin),
            otlp: backends.otlp,
            ui: backends.ui,
            first_trace: first_trace.to_owned(),
            pids: [gateway, user, profile].map(Child::pid),
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
            "ui": self.ui,
            "first_trace": self.first_trace,
            "pids": {
                "gateway": self.pids[0],
                "user": self.pids[1],
                "profile": self.pids[2],
            },
        })
    }

    /// How to call this gateway from another terminal, with flags only where they are needed.
    fn command(&self, arguments: &str) -> String {
        let binary = std::env::args()
            .next()
            .unwrap_or_else(|| "tracewalk".to_owned());
        let mut words = vec![binary, arguments.to_owned()];
        if self.gateway.port() != 50051 {
            words.push(format!("--gateway {}", self.gateway));
        }
        if self.ui.port() != 16686 {
            words.push(format!("--ui {}", self.ui));
        }
        words.join(" ")
    }
}

impl Display for Banner {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            gateway,
            user,
            profile,
            admin,
            otlp,
            ui,
            ..
        } = self;
        writeln!(f, "\n{}", bold("Where"))?;
        writeln!(f, "  traces   http://{ui}  {}", dim("the Jaeger UI"))?;
        if let Some(http) = self.http {
            writeln!(f, "  http     http://{http}/v1/users/1")?;
        }
        writeln!(
            f,
            "  grpc     gateway {gateway} → user {user} → profile {profile}"
        )?;
        let [of_gateway, of_user, of_profile] = admin;
        writeln!(
            f,
            "  metrics  http://{of_gateway}/metrics  {}",
            dim(format_args!("user {of_user}, profile {of_profile}"))
        )?;
        writeln!(
            f,
            "  otlp     {otlp}  {}",
            dim("gRPC, for spans of your own")
        )?;
        writeln!(f, "\n{}", bold("Look at"))?;
        writeln!(f, "  1  one call through three services")?;
        writeln!(f, "     http://{ui}/trace/{}", self.first_trace)?;
        writeln!(f, "  2  who calls whom")?;
        writeln!(f, "     http://{ui}/dependencies")?;
        writeln!(
            f,
            "  3  a stream: three updates in one span a hop; its link is in the answer"
        )?;
        writeln!(f, "     {}", self.command("call watch 7"))?;
        write!(f, "\n{}", dim("Ctrl-C stops and drains everything."))
    }
}
