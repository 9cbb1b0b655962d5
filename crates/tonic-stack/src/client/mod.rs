//! What each call to the next hop goes through: [`Channel`] has the order.

use std::time::Duration;

use grpc_wire::{DescriptorError, Methods, UnknownMethod, UnknownService};
use tokio::sync::watch;
use tonic::Status;
use tonic_resilience::{
    client::{
        balance::{Balance, BalanceMetrics, Balanced, Policy},
        layers::{
            circuit_breaker::{BreakerMetrics, CircuitBreaker, CircuitBreakerLayer, Settings},
            deadline::{PropagateDeadline, PropagateDeadlineLayer},
            retry::{Retry, RetryLayer, RetryMetrics, RetryPolicy},
            validate_protocol::{ValidateResponse, ValidateResponseLayer},
        },
        target::{Authority, Target},
    },
    names::Names,
    stack::Stack,
    tls::Tls,
};
use tonic_telemetry::{Peer, Telemetry, client_layer::TraceClient};
use tower::{ServiceBuilder, util::Either};

use crate::own;

/// The stack, from the caller outwards: a generated client takes it as its channel.
///
/// | layer | why it stands there |
/// |---|---|
/// | `TraceClient` | one CLIENT span and one sample for the call as the handler sees it |
/// | `PropagateDeadline` | one deadline for all attempts together, and no call at all when nothing is left |
/// | `Retry` | outside the breaker, which decides for each attempt |
/// | `CircuitBreaker` | counts attempts, not calls, so it sees each failure of the server; an attempt that it refuses has no span, for nothing is sent |
/// | `TraceClient` | one INTERNAL span and one sample for each request on the wire |
/// | `ValidateResponse` | inside the attempt, so that its span and sample have the status after the checks |
/// | `Balanced` | innermost: each attempt may go to another server, which its span names |
///
/// Layers of the program's own go between the deadline and the retries, by [`NextHop::at_call`], or
/// innermost, by [`NextHop::over`].
pub type Channel<S = Balanced> = TraceClient<PropagateDeadline<Either<Inner, Retried<S>>>>;

/// The stack from the retries inwards.
type Retried<S> = Retry<CircuitBreaker<TraceClient<ValidateResponse<S>>>>;

/// What a layer of the program's own gets to wrap.
pub type Inner = own::Inner<Status>;

/// Layers of the program's own in the stack of a client.
pub type OwnLayers = own::OwnLayers<Status>;

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

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The contract is not what the code generation wrote.
    #[error("cannot read the methods of the contract")]
    Methods(#[from] DescriptorError),
    /// The contract does not have a service that is called there.
    #[error("cannot call what is not there")]
    Services(#[from] UnknownService),
    /// The contract does not have a method that is listed as idempotent.
    #[error("cannot retry what is not there")]
    Idempotent(#[from] UnknownMethod),
    /// The registry has other series of the same names.
    #[error("cannot register the metrics of the client")]
    Metrics(#[from] prometheus::Error),
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

    /// Starts to connect, and returns at once.
    ///
    /// A service may call several others: the label `target` of their metrics is the name of each.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the contract is damaged or lacks an idempotent method, or the metrics
    /// cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn connect(&self, telemetry: &Telemetry) -> Result<Channel, ConnectError> {
        self.over(telemetry, self.balanced(telemetry)?)
    }

    /// The innermost part of the stack alone, which connects to the target and balances: to put
    /// layers around that see each attempt.
    ///
    /// # Errors
    ///
    /// When the metrics cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn balanced(&self, telemetry: &Telemetry) -> Result<Balanced, prometheus::Error> {
        let metrics = telemetry.metrics().once(BalanceMetrics::new)?;
        let balance = self.balance(&metrics);
        Ok(match &self.servers {
            Servers::Target(target) => balance.connect(target),
            Servers::Followed { name, members } => balance.follow(name, members.clone()),
        })
    }

    /// The stack over any channel: a socket of another kind, a server in the same process, or
    /// [`balanced`](Self::balanced) within layers of the program's own.
    ///
    /// ```
    /// # use tonic_stack::client::{Channel, ConnectError, NextHop};
    /// # use tonic_telemetry::Telemetry;
    /// # fn open(next: &NextHop<'_>, telemetry: &Telemetry) -> Result<(), ConnectError> {
    /// // Most attempts at a time, beside the limit of each server.
    /// let limited = tower::ServiceBuilder::new()
    ///     .layer(tower::limit::GlobalConcurrencyLimitLayer::new(64))
    ///     .service(next.balanced(telemetry)?);
    /// let channel = next.over(telemetry, limited)?;
    ///
    /// let socket = tonic::transport::Endpoint::from_static("http://stock.sock");
    /// let socket = socket.connect_with_connector_lazy(tower::service_fn(async |_| {
    ///     let stream = tokio::net::UnixStream::connect("/run/stock.sock").await?;
    ///     Ok::<_, std::io::Error>(hyper_util::rt::TokioIo::new(stream))
    /// }));
    /// let channel = next.over(telemetry, socket)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn over<S: Stack + Sync>(
        &self,
        telemetry: &Telemetry,
        channel: S,
    ) -> Result<Channel<S>, ConnectError> {
        let mut methods = Methods::from_descriptor_sets(&[self.descriptor_set])?;
        if !self.services.is_empty() {
            methods = methods.only(self.services.iter().copied())?;
        }
        let policy = self.retry_policy(&methods)?;
        let metrics = telemetry.metrics();
        let retries = metrics.once(RetryMetrics::new)?;
        let breakers = metrics.once(BreakerMetrics::new)?;
        let trace = telemetry.client_layer(&methods, self.peer());
        Ok(ServiceBuilder::new()
            .layer(trace.clone().over_attempts())
            .layer(PropagateDeadlineLayer::new(self.timeout).without_timeout(methods.streams()))
            .layer(self.at_call.clone())
            .layer(RetryLayer::new(self.name, policy, &retries))
            .layer(
                CircuitBreakerLayer::new(self.name, self.breaker, &breakers)
                    .names(self.names)
                    .streams(methods.streams()),
            )
            .layer(trace.attempt(self.names.rpc_attempt))
            .layer(ValidateResponseLayer)
            .service(channel))
    }

    fn balance(&self, metrics: &BalanceMetrics) -> Balance {
        let balance = Balance::default()
            .policy(self.policy)
            .max_calls(self.max_calls)
            .metrics(self.name, metrics);
        match self.tls {
            Some(tls) => balance.tls(tls.clone(), self.name),
            None => balance,
        }
    }

    fn retry_policy(&self, methods: &Methods) -> Result<RetryPolicy, UnknownMethod> {
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
    fn peer(&self) -> Peer {
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
