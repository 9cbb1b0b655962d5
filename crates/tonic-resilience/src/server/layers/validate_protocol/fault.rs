use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::Extensions;
use prometheus::{IntCounterVec, Opts, Registry};

/// Whether a call fails because its request is at fault: each request has one in its extensions.
///
/// Some refusals have a code that is a server error by the semantic conventions. The layer that
/// refuses the request notes it here, and `grpc_rpc_invalid_requests_total` counts the call.
#[derive(Clone, Debug, Default)]
pub struct RequestFault(Arc<AtomicBool>);

impl RequestFault {
    /// Notes that the request in whose extensions this is will fail by its own fault.
    pub fn note_in(extensions: &Extensions) {
        if let Some(fault) = extensions.get::<Self>() {
            fault.note();
        }
    }

    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The series of all servers of a process.
#[derive(Clone, Debug)]
pub struct ProtocolMetrics {
    pub(super) invalid: IntCounterVec,
}

impl ProtocolMetrics {
    /// Registers the series; call it once for each registry.
    ///
    /// # Errors
    ///
    /// When the registry has series of this name.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let opts = Opts::new(
            "grpc_rpc_invalid_requests_total",
            "Calls that failed because their request was at fault, by their code.",
        );
        let invalid = IntCounterVec::new(opts, &["service", "method", "code"])?;
        registry.register(Box::new(invalid.clone()))?;
        Ok(Self { invalid })
    }
}
