//! Spreads calls over the servers of a target, and only over healthy ones.
//!
//! ```text
//! static:/// or dns:/// ─► members ─► a connection each ─► health Watch ─► healthy or ejected
//!                                                                       │
//! call ─► policy picks a healthy one ─► a free stream of its connections ◄┘
//! ```
//!
//! A server is ejected while its connection is down and while its health says anything but `SERVING`.
//! It is unresponsive when it does not answer a probe within 500 ms, and then called only where no
//! other is healthy. A probe is sent when a call to it meets a broken connection or its deadline, or has
//! no answer after 250 ms: a process that hangs keeps its connections, so nothing else shows it. A
//! server is healthy again as soon as it answers, at the latest a second after its return. A server
//! without a health service counts as healthy: its metrics have a `Watch` with `UNIMPLEMENTED`.
//!
//! A call waits while servers are being connected, and fails at once with `UNAVAILABLE` when all
//! are ejected. tonic's own balancer keeps choosing servers that are dead.
//!
//! No call waits for a stream. A connection carries [`STREAMS`](crate::client::STREAMS) calls at a
//! time, or fewer if the server's SETTINGS say so. When all connections are full, another is
//! opened, as many as [`max_calls`](Balance::max_calls) calls need. A connection that was not used
//! for 30 s is closed. When all are full and no more may be opened, the call is refused in this
//! process: `RESOURCE_EXHAUSTED`, with the reason `STREAMS_EXHAUSTED` and `RetryInfo`. The server
//! never saw this call, so breaker, retries and probes do not count it.
//!
//! Spec: [load balancing][lb], [health checking][health], [name resolution][naming]. Visible as
//! `network.peer.address` and `network.peer.port` on the spans of the attempt and of its call, as the log line
//! `server health changed`, and of calls that are refused as the span event `streams_exhausted` and the metric
//! `grpc_client_streams_exhausted_total{target}`.
//!
//! [lb]: https://github.com/grpc/grpc/blob/master/doc/load-balancing.md
//! [health]: https://github.com/grpc/proposal/blob/master/A17-client-side-health-checking.md
//! [naming]: https://github.com/grpc/grpc/blob/master/doc/naming.md

mod choice;
mod connect;
mod discovery;
#[cfg(feature = "dns-server")]
pub(super) mod dns_server;
mod endpoint;
mod health;
mod members;
mod metrics;
mod peer;
mod policy;
mod pool;
mod service;
mod settings;
mod update;

#[cfg(test)]
mod tests;

pub use self::{
    metrics::BalanceMetrics,
    policy::{ParsePolicyError, Policy},
    service::Balanced,
};

use std::time::Duration;

use prometheus::IntCounter;
use tokio::sync::watch;

use self::connect::Connect;
use crate::client::target::{Authority, Target};
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// How the servers of a target are found, connected and chosen; [`connect`](Self::connect) starts.
///
/// ```
/// # use tonic_resilience::client::balance::{Balance, Policy};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let target = "static:///10.0.0.1:50053,10.0.0.2:50053".parse().unwrap();
/// let channel = Balance::default().policy(Policy::LeastRequest).connect(&target);
/// let client = tonic_health::pb::health_client::HealthClient::new(channel);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Balance {
    policy: Policy,
    refresh: Duration,
    connect: Connect,
    max_calls: usize,
    exhausted: IntCounter,
}

impl Default for Balance {
    fn default() -> Self {
        Self {
            policy: Policy::RoundRobin,
            refresh: Duration::from_secs(5),
            connect: Connect::default(),
            max_calls: 1024,
            exhausted: IntCounter::new("exhausted", "Read by nobody.").expect("a name"),
        }
    }
}

impl Balance {
    /// How one of the servers is chosen; default [`Policy::RoundRobin`].
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Time between two lookups of a `dns:` target; default 5 s.
    #[must_use]
    pub fn refresh(mut self, interval: Duration) -> Self {
        self.refresh = interval;
        self
    }

    /// Speaks mutual TLS to servers that show the certificate of `service`; default plain TCP.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: Tls, service: &str) -> Self {
        self.connect.tls = Some((tls, service.to_owned()));
        self
    }

    /// Most calls at a time to one server, which bounds the number of connections to it; default
    /// 1024.
    ///
    /// A service that passes calls on can set the limit of its own server: it makes no more calls
    /// at a time than it serves.
    #[must_use]
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.max_calls = calls;
        self
    }

    /// Counts the calls that find no free stream, with `target` as label; default not counted.
    #[must_use]
    pub fn metrics(mut self, target: &str, metrics: &BalanceMetrics) -> Self {
        self.exhausted = metrics.exhausted.with_label_values(&[target]);
        self
    }

    /// Starts to look up and to connect; ends when the last clone of the result is dropped.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn connect(self, target: &Target) -> Balanced {
        let found = discovery::start(target, self.refresh);
        Balanced::start(target.to_string(), found, self)
    }

    /// Like [`connect`](Self::connect), with the servers in `members`, and follows its changes.
    ///
    /// A list may be a `Vec<Authority>`, or an `Option` of one: calls wait while it is `None`.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn follow<L>(self, name: &str, members: watch::Receiver<L>) -> Balanced
    where
        L: Clone + Into<Option<Vec<Authority>>> + Send + Sync + 'static,
    {
        let found = discovery::Found::from(members);
        Balanced::start(name.to_owned(), found, self)
    }
}
