use opentelemetry_sdk::trace::SdkTracer;

use super::Peer;
use crate::{metrics::Registry, rpc::Methods};

/// Traces and measures the calls that a client makes.
#[derive(Clone, Debug)]
pub struct TraceClientLayer {
    tracer: SdkTracer,
    peer: Peer,
}

impl TraceClientLayer {
    /// A layer for calls of these methods to one peer.
    #[must_use]
    pub fn new(tracer: SdkTracer, _metrics: &Registry, _methods: &Methods, peer: Peer) -> Self {
        Self { tracer, peer }
    }
}
