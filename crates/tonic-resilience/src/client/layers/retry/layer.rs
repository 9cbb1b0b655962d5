use std::sync::Arc;

use tower_layer::Layer;

use super::{Retry, RetryMetrics, RetryPolicy, budget::Budget, service::Shared};

/// Tries listed calls again. Inside the deadline, outside the breaker and the attempts' spans.
///
/// Clones of the layer and its services share the budget.
///
/// ```
/// # use tonic_resilience::client::layers::retry::{RetryLayer, RetryMetrics, RetryPolicy};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), prometheus::Error> {
/// # let channel = tonic_resilience::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let policy = RetryPolicy::default().idempotent("tracewalk.user.v1.UserService/GetUser");
/// let metrics = RetryMetrics::new(prometheus::default_registry())?;
/// let stack = tower::ServiceBuilder::new()
///     .layer(RetryLayer::new("user", policy, &metrics))
///     .service(channel);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct RetryLayer {
    shared: Arc<Shared>,
}

impl RetryLayer {
    /// Retries calls to `target`, the name in the metrics, by `policy`.
    #[must_use]
    pub fn new(target: &str, policy: RetryPolicy, metrics: &RetryMetrics) -> Self {
        metrics.start_at_zero(&policy);
        Self {
            shared: Arc::new(Shared {
                policy,
                budget: Budget::full(),
                retries: metrics.retries.clone(),
                exhausted: metrics.exhausted.with_label_values(&[target]),
            }),
        }
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Retry::new(inner, Arc::clone(&self.shared))
    }
}
