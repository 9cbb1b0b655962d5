//! What each call to the next hop goes through: [`Channel`] has the order.

mod next_hop;

pub use self::next_hop::{NextHop, Servers};

use grpc_wire::{DescriptorError, Methods, UnknownMethod, UnknownService};
use tonic::Status;
use tonic_resilience::{
    client::{
        balance::{BalanceMetrics, Balanced},
        layers::{
            circuit_breaker::{BreakerMetrics, CircuitBreaker, CircuitBreakerLayer},
            deadline::{PropagateDeadline, PropagateDeadlineLayer},
            retry::{Retry, RetryLayer, RetryMetrics},
            validate_protocol::{ValidateResponse, ValidateResponseLayer},
        },
    },
    stack::Stack,
};
use tonic_telemetry::{Telemetry, client_layer::TraceClient};
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

impl NextHop<'_> {
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
}
