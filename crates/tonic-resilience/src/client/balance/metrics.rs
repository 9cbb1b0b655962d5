use prometheus::{IntCounterVec, Opts, Registry};

/// The series of all balancers of a process.
#[derive(Clone, Debug)]
pub struct BalanceMetrics {
    pub(super) exhausted: IntCounterVec,
}

impl BalanceMetrics {
    /// Registers the series; call it once for each registry.
    ///
    /// # Errors
    ///
    /// When the registry has series of these names.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let exhausted = IntCounterVec::new(
            Opts::new(
                "grpc_client_streams_exhausted_total",
                "Calls that were not made because no connection had a free stream.",
            ),
            &["target"],
        )?;
        registry.register(Box::new(exhausted.clone()))?;
        Ok(Self { exhausted })
    }
}
