use grpc_wire::code_name;
use prometheus::{IntCounterVec, Opts, Registry};

use super::RetryPolicy;

/// The series of all retry layers of a process.
#[derive(Clone, Debug)]
pub struct RetryMetrics {
    pub(super) retries: IntCounterVec,
    pub(super) exhausted: IntCounterVec,
}

impl RetryMetrics {
    /// Registers the series; call it once for each registry.
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

    /// Makes the series of all retries that a policy allows: a rate needs a zero to start from.
    pub(super) fn start_at_zero(&self, policy: &RetryPolicy) {
        for path in policy.paths() {
            let (service, method) = service_and_method(path);
            for code in &policy.codes {
                let labels = [service, method, code_name(*code)];
                let _made = self.retries.with_label_values(&labels);
            }
        }
    }
}

/// The labels of a path such as `/tracewalk.user.v1.UserService/GetUser`.
pub(super) fn service_and_method(path: &str) -> (&str, &str) {
    let name = path.trim_start_matches('/');
    name.split_once('/').unwrap_or((name, ""))
}
