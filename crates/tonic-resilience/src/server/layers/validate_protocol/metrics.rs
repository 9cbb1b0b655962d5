use prometheus::{IntCounterVec, Opts, Registry};

/// The series of all servers of a process.
#[derive(Clone, Debug)]
pub struct ProtocolMetrics {
    pub(super) invalid: IntCounterVec,
}

impl ProtocolMetrics {
    /// Registers the series; once a registry.
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
