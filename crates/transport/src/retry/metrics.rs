use prometheus::{IntCounterVec, Opts, Registry};

/// The series of all retry layers of a process.
#[derive(Clone, Debug)]
pub struct RetryMetrics {
    pub(super) retries: IntCounterVec,
    pub(super) exhausted: IntCounterVec,
}

impl RetryMetrics {
    /// Registers the series; once a registry.
    ///
    /// # Errors
    ///
    /// When the registry has series of these names.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let retries = IntCounterVec::new(
            Opts::new(
                "grpc_client_retries_total",
                "Attempts after the first, by the code that made them.",
            ),
            &["service", "method", "reason"],
        )?;
        let exhausted = IntCounterVec::new(
            Opts::new(
                "grpc_client_retry_budget_exhausted_total",
                "Retries that were not made because too many calls fail.",
            ),
            &["target"],
        )?;
        registry.register(Box::new(retries.clone()))?;
        registry.register(Box::new(exhausted.clone()))?;
        Ok(Self { retries, exhausted })
    }
}
