use std::sync::{Arc, Mutex};

use tokio::time::Instant;
use tower_layer::Layer;

use super::{BreakerMetrics, CircuitBreaker, Settings, breaker::Breaker, service::Shared};
use crate::method_set::MethodSet;

/// Stops calling a server that fails. Inside the retries, outside the attempts' spans.
///
/// Clones of the layer and its services share the breaker: make one for each target.
///
/// ```
/// # use tonic_resilience::client::layers::circuit_breaker::{BreakerMetrics, CircuitBreakerLayer, Settings};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), prometheus::Error> {
/// # let channel = tonic_resilience::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let metrics = BreakerMetrics::new(prometheus::default_registry())?;
/// let stack = tower::ServiceBuilder::new()
///     .layer(CircuitBreakerLayer::new("user", Settings::default(), &metrics))
///     .service(channel);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct CircuitBreakerLayer {
    shared: Arc<Shared>,
    streams: MethodSet,
}

impl CircuitBreakerLayer {
    /// A breaker for `target`, the name in the metrics.
    #[must_use]
    pub fn new(target: &str, settings: Settings, metrics: &BreakerMetrics) -> Self {
        Self {
            shared: Arc::new(Shared {
                breaker: Mutex::new(Breaker::new(settings, Instant::now())),
                metrics: metrics.of(target),
            }),
            streams: MethodSet::default(),
        }
    }

    /// Names the streaming methods: as probes they succeed with their headers, for their end may be
    /// far off.
    #[must_use]
    pub fn streams<'a>(mut self, methods: impl IntoIterator<Item = &'a str>) -> Self {
        methods
            .into_iter()
            .for_each(|method| self.streams.add(method));
        self
    }
}

impl<S> Layer<S> for CircuitBreakerLayer {
    type Service = CircuitBreaker<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CircuitBreaker::new(inner, Arc::clone(&self.shared), self.streams.clone())
    }
}
