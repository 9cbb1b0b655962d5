use opentelemetry_sdk::trace::SdkTracer;

use crate::{metrics::Registry, rpc::Methods};

/// Traces and measures the calls that a server answers.
#[derive(Clone, Debug)]
pub struct TraceServerLayer {
    tracer: SdkTracer,
}

impl TraceServerLayer {
    /// A layer for these methods.
    #[must_use]
    pub fn new(tracer: SdkTracer, _metrics: &Registry, _methods: &Methods) -> Self {
        Self { tracer }
    }
}
