use std::sync::Arc;

use tokio::sync::Semaphore;
use tower_layer::Layer;

use super::LimitConcurrency;
use crate::services::Services;

/// Sheds calls beyond a limit. Inside the deadline, outside all that costs time.
///
/// Clones of the layer and its services share the limit.
///
/// ```
/// # use transport::limit_concurrency::LimitConcurrencyLayer;
/// # let (_, service) = transport::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(LimitConcurrencyLayer::new(512).without("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct LimitConcurrencyLayer {
    free: Arc<Semaphore>,
    without: Services,
}

impl LimitConcurrencyLayer {
    /// Allows `limit` calls at a time.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(limit)),
            without: Services::default(),
        }
    }

    /// Exempts a service, by its full name: probes must get through.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }
}

impl<S> Layer<S> for LimitConcurrencyLayer {
    type Service = LimitConcurrency<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LimitConcurrency::new(inner, Arc::clone(&self.free), self.without.clone())
    }
}
