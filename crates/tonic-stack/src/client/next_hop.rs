use std::time::Duration;

use grpc_wire::{Methods, UnknownMethod};
use tokio::sync::watch;
use tonic_resilience::{
    client::{
        balance::{Balance, BalanceMetrics, Policy},
        layers::{circuit_breaker::Settings, retry::RetryPolicy},
        target::{Authority, Target},
    },
    names::Names,
    tls::Tls,
};
use tonic_telemetry::Peer;

use super::OwnLayers;

/// Where the servers of a service are found.
#[derive(Clone, Debug)]
pub enum Servers {
    /// In a target: a list, or a name in the DNS.
    Target(Target),
    /// In a list that something else keeps up to date, as a registry.
    Followed {
        /// What they are called in logs and spans, as `etcd:///user`.
        name: String,
        /// The list; calls wait while it is `None`.
        members: watch::Receiver<Option<Vec<Authority>>>,
    },
}

impl From<&Target> for Servers {
    fn from(target: &Target) -> Self {
        Self::Target(target.clone())
    }
}

/// The service to call, and how.
#[derive(Clone, Debug)]
pub struct NextHop<'a> {
    /// The names of our span attributes, and our error domain.
    pub names: &'static Names,
    /// The name of the service in metrics and logs, as `user`.
    pub name: &'a str,
    /// Its encoded descriptor set.
    pub descriptor_set: &'a [u8],
    /// The full names of the services in that set which are called there, for each of their methods gets
    /// series in the metrics; none stands for all.
    pub services: &'a [&'a str],
    /// Where its servers are: `static:///host:port` or `dns:///name:port`, without `http://`.
    pub servers: Servers,
    /// Our certificate, and the check that the servers are `name`; `None` is plain TCP.
    pub tls: Option<&'a Tls>,
    /// How one of them is chosen.
    pub policy: Policy,
    /// Most calls at a time to one server: as many as this service admits itself, for it makes at
    /// most one call at a time for each call that it serves.
    pub max_calls: usize,
    /// Longest time of a unary call with all its attempts.
    pub timeout: Duration,
    /// The full names of the methods that are safe to run twice: these are retried.
    pub idempotent: &'a [&'a str],
    /// Those that are safe to run twice if the request has the metadata `idempotency-key`.
    pub idempotent_with_key: &'a [&'a str],
    /// How often they are retried, after which codes, and how long to wait.
    pub retry: RetryPolicy,
    /// When calls are refused at once, and for how long.
    pub breaker: Settings,
    /// Layers of the program's own between the deadline and the retries. Each sees a call once, with
    /// its deadline in `grpc-timeout`, and the answer that the caller gets.
    ///
    /// ```
    /// # use tonic_stack::client::{NextHop, OwnLayers};
    /// # fn change(next: NextHop<'_>) -> NextHop<'_> {
    /// use tower::util::MapRequestLayer;
    ///
    /// NextHop {
    ///     at_call: OwnLayers::default().with(MapRequestLayer::new(
    ///         |mut request: http::Request<tonic::body::Body>| {
    ///             // The same for all attempts.
    ///             let key = http::HeaderValue::from_static("7c1e");
    ///             request.headers_mut().insert("idempotency-key", key);
    ///             request
    ///         },
    ///     )),
    ///     ..next
    /// }
    /// # }
    /// ```
    pub at_call: OwnLayers,
}

impl<'a> NextHop<'a> {
    /// A service by its name, its encoded descriptor set and its servers, mostly a `&Target`, with the defaults: plain
    /// TCP, 1,024 calls at a time, 1 s a call, no method that is retried.
    #[must_use]
    pub fn new(
        names: &'static Names,
        name: &'a str,
        descriptor_set: &'a [u8],
        servers: impl Into<Servers>,
    ) -> Self {
        Self {
            names,
            name,
            descriptor_set,
            services: &[],
            servers: servers.into(),
            tls: None,
            policy: Policy::default(),
            max_calls: 1024,
            timeout: Duration::from_secs(1),
            idempotent: &[],
            idempotent_with_key: &[],
            retry: RetryPolicy::default(),
            breaker: Settings::default(),
            at_call: OwnLayers::default(),
        }
    }

    pub(super) fn balance(&self, metrics: &BalanceMetrics) -> Balance {
        let balance = Balance::default()
            .policy(self.policy)
            .max_calls(self.max_calls)
            .metrics(self.name, metrics);
        match self.tls {
            Some(tls) => balance.tls(tls.clone(), self.name),
            None => balance,
        }
    }

    pub(super) fn retry_policy(&self, methods: &Methods) -> Result<RetryPolicy, UnknownMethod> {
        let policy = self.retry.clone().names(self.names);
        let policy = self.idempotent.iter().try_fold(policy, |policy, method| {
            Ok(policy.idempotent(methods.named(method)?.full_name))
        })?;
        let mut keyed = self.idempotent_with_key.iter();
        keyed.try_fold(policy, |policy, method| {
            Ok(policy.idempotent_with_key(methods.named(method)?.full_name))
        })
    }

    /// The service that is called, as spans and samples name it.
    pub(super) fn peer(&self) -> Peer {
        let (address, port) = match &self.servers {
            Servers::Target(target) => match target.authorities() {
                // `server.address` has an IPv6 address without its brackets.
                [only] => {
                    let host = only.host().trim_matches(['[', ']']);
                    (host.to_owned(), Some(only.port()))
                }
                _ => (target.to_string(), None),
            },
            Servers::Followed { name, .. } => (name.clone(), None),
        };
        Peer {
            name: self.name.to_owned(),
            address,
            port,
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic_resilience::names;

    use super::*;

    static NAMES: Names = names!("shop");

    #[test]
    fn an_ipv6_address_has_no_brackets_in_attributes() {
        let target: Target = "static:///[::1]:50052".parse().expect("a target");
        let peer = NextHop::new(&NAMES, "user", &[], &target).peer();
        assert_eq!((&*peer.address, peer.port), ("::1", Some(50052)));
    }
}
