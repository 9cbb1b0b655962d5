//! What to look at first: pages, and commands that fit the ports and flags of this stack.

use std::net::SocketAddr;

use super::Banner;
use crate::client::NOT_SAMPLED;

impl Banner {
    /// What to look at, and the address or the command for it.
    pub(super) fn suggestions(&self) -> Vec<(&'static str, String)> {
        let (ui, dashboards, identity) = (self.ui, self.dashboards, &self.identity);
        let mut suggestions = vec![
            (
                "one call through three services",
                if self.is_sampled {
                    format!("http://{ui}/trace/{}", self.first_trace)
                } else {
                    NOT_SAMPLED.to_owned()
                },
            ),
            (
                "all calls of all services; a dot on a chart opens the trace of that call",
                format!("http://{dashboards}/d/rpc-overview"),
            ),
            ("who calls whom", format!("http://{ui}/dependencies")),
            (
                "a stream: three updates in one span a hop; its link is in the answer",
                self.command("call watch 7"),
            ),
            (
                "what can go wrong: slow hops, retries, breakers, each played and checked",
                self.command("scenario list"),
            ),
        ];
        if let Some(file) = identity.token_file() {
            let create = format!("call create --name Ada --token-file {}", file.display());
            suggestions.push((
                "a write, which needs a token; reads do not",
                self.command(&create),
            ));
        }
        if let Some(folder) = &identity.certificates {
            let probe = format!("health {} --peer user", self.user);
            let probe = format!("{probe} --tls {}", folder.display());
            suggestions.push((
                "a service that speaks TLS, and accepts nobody without a certificate",
                self.command(&probe),
            ));
        }
        suggestions
    }

    /// How to call this gateway from another terminal, with flags only where they are needed.
    fn command(&self, arguments: &str) -> String {
        let binary = std::env::args()
            .next()
            .unwrap_or_else(|| "tracewalk".to_owned());
        let mut words = vec![binary, arguments.to_owned()];
        let calls = arguments.starts_with("call ");
        if calls && self.gateway != SocketAddr::from(([127, 0, 0, 1], 50051)) {
            words.push(format!("--gateway {}", self.gateway));
        }
        if calls && self.ui != SocketAddr::from(([127, 0, 0, 1], 16686)) {
            words.push(format!("--ui {}", self.ui));
        }
        words.join(" ")
    }
}
