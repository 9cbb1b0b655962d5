use std::sync::Arc;

use tower_layer::Layer;

use super::{RateLimit, table::Table};
use crate::method_set::MethodSet;

/// Most callers that are remembered.
const CALLERS: usize = 100_000;

/// Limits the calls of each caller. Inside the identity layers, outside the handlers.
///
/// Clones of the layer and its services share what they count.
///
/// ```
/// # use tonic_resilience::server::layers::rate_limit::RateLimitLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(RateLimitLayer::new(100, 200).without("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    table: Arc<Table>,
    without: MethodSet,
}

impl RateLimitLayer {
    /// Allows each caller `rate` calls a second on average, and `burst` calls at once.
    ///
    /// Remembers up to 100,000 callers, some 10 MB; while so many are active, new ones are refused.
    #[must_use]
    pub fn new(rate: u32, burst: u32) -> Self {
        Self {
            table: Arc::new(Table::new(rate, burst, CALLERS)),
            without: MethodSet::default(),
        }
    }

    /// Exempts a service, by its full name: probes must get through.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimit::new(inner, Arc::clone(&self.table), self.without.clone())
    }
}
