//! What each call to a server goes through: [`Layers::around`] has the order.

mod limits;
mod position;
mod settings;

pub use self::{limits::Limits, position::Position};

use std::convert::Infallible;

use grpc_wire::{DescriptorError, Methods};
use tonic::service::Routes;
use tonic_resilience::{
    names::Names,
    server::layers::{
        access_log::AccessLogLayer,
        authenticate::AuthenticateLayer,
        authorize_peer::AuthorizePeerLayer,
        caller_limit::CallerLimitLayer,
        catch_panic::CatchPanicLayer,
        concurrency_limit::ConcurrencyLimitLayer,
        deadline::EnforceDeadlineLayer,
        inject_fault::InjectFaultLayer,
        rate_limit::RateLimitLayer,
        validate_protocol::{ProtocolMetrics, ValidateProtocolLayer},
    },
    stack::Stack,
};
use tonic_telemetry::{Telemetry, TraceServerLayer};
use tower::{ServiceBuilder, util::option_layer};

use crate::own::{self, OwnLayers};

/// Probes are measured. They are neither traced nor logged, as they would bury other calls, and
/// never refused, as a busy server would look dead.
const PROBES: &str = "grpc.health.v1.Health";

/// The reflection services, in both versions.
const REFLECTION: [&str; 2] = [
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// The layers of a server, ready to go around its handlers.
#[derive(Clone, Debug)]
pub struct Layers {
    names: &'static Names,
    methods: Methods,
    trace: TraceServerLayer,
    access_log: AccessLogLayer,
    validate_protocol: ValidateProtocolLayer,
    deadline: EnforceDeadlineLayer,
    concurrency: ConcurrencyLimitLayer,
    peers: Option<AuthorizePeerLayer>,
    tokens: Option<AuthenticateLayer>,
    rate: Option<RateLimitLayer>,
    callers: Option<CallerLimitLayer>,
    faults: Option<InjectFaultLayer>,
    at_call: OwnLayers<Infallible>,
    at_caller: OwnLayers<Infallible>,
    at_handler: OwnLayers<Infallible>,
}

/// What a layer of the program's own gets to wrap.
pub type Inner = own::Inner<Infallible>;

/// The layers cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Their methods cannot be read.
    #[error("cannot read the methods of the contracts")]
    Methods(#[from] DescriptorError),
    /// The registry has other series of the same names.
    #[error("cannot register the metrics of the server")]
    Metrics(#[from] prometheus::Error),
}

impl Layers {
    /// Layers for the services in these encoded descriptor sets, with the names of the program.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when a set is not what the code generation writes, or the metrics cannot be
    /// registered.
    pub fn new(
        descriptor_sets: &[&[u8]],
        names: &'static Names,
        limits: &Limits,
        telemetry: &Telemetry,
    ) -> Result<Self, OpenError> {
        let methods = Methods::from_descriptor_sets(descriptor_sets)?;
        Ok(Self {
            trace: telemetry
                .server_layer(&methods)
                // Nothing else is served there, and what is not gRPC is refused below.
                .all_requests(),
            access_log: AccessLogLayer::new(methods.iter().map(|method| method.full_name))
                .without(PROBES),
            validate_protocol: ValidateProtocolLayer::new(&methods)
                .names(names)
                .count_in(&telemetry.metrics().once(ProtocolMetrics::new)?),
            deadline: EnforceDeadlineLayer::new(limits.max_deadline)
                .names(names)
                .streams(limits.max_stream, methods.streams())
                .without_maximum(PROBES),
            concurrency: ConcurrencyLimitLayer::new(limits.max_calls)
                .streams(limits.max_streams(), methods.streams().chain(REFLECTION))
                .without(PROBES),
            peers: None,
            tokens: None,
            rate: None,
            callers: None,
            faults: None,
            at_call: OwnLayers::default(),
            at_caller: OwnLayers::default(),
            at_handler: OwnLayers::default(),
            names,
            methods,
        })
    }

    /// The stack: the first layer sees a call first, and its answer last. Layers of the program's
    /// own stand inside `AccessLog`, inside `Authenticate` and innermost: [`Position`].
    ///
    /// | layer | why it stands there |
    /// |---|---|
    /// | `TraceServer` | one span and one sample for each call, also for those that a layer below refuses |
    /// | `AccessLog` | one line for each of them; inside the span, whose trace id is in the line |
    /// | `ValidateProtocol` | before anybody reads the call: what is not gRPC has no timeout and no caller; every error from below gets its details here |
    /// | `EnforceDeadline` | bounds all that takes time from here on: waiting and cryptography count |
    /// | `ConcurrencyLimit` | before cryptography: shedding has to be cheaper than the work that it saves |
    /// | `AuthorizePeer` | who calls, by certificate, where the caller is a service; the layers below ask for it |
    /// | `Authenticate` | who calls, by token, where the caller is a person |
    /// | `RateLimit` | by caller, hence below the identity; only where callers are strangers |
    /// | `CallerLimit` | by caller, too: no caller can take the places of all others |
    /// | `CatchPanic` | next to what may panic: the layers above see `INTERNAL`, as after any failure |
    /// | `InjectFault` | in place of the handlers, where demonstrations want them to fail |
    #[must_use]
    pub fn around(self, handlers: Routes) -> impl Stack + Sync {
        ServiceBuilder::new()
            .layer(self.trace)
            .layer(self.access_log)
            .layer(self.at_call)
            .layer(self.validate_protocol)
            .layer(self.deadline)
            .layer(self.concurrency)
            .layer(option_layer(self.peers))
            .layer(option_layer(self.tokens))
            .layer(self.at_caller)
            .layer(option_layer(self.rate))
            .layer(option_layer(self.callers))
            .layer(CatchPanicLayer)
            .layer(option_layer(self.faults))
            .layer(self.at_handler)
            .service(handlers)
    }
}
