use std::sync::Arc;

use tokio::sync::Semaphore;
use tower_layer::Layer;

use super::ConcurrencyLimit;
use crate::method_set::MethodSet;

/// Sheds calls beyond a limit. Inside the deadline, outside all that costs time.
///
/// Clones of the layer and its services share the limit.
///
/// ```
/// # use tonic_resilience::server::layers::concurrency_limit::ConcurrencyLimitLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(ConcurrencyLimitLayer::new(512).without("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLimitLayer {
    free: Arc<Free>,
    streams: MethodSet,
    without: MethodSet,
}

/// The places that are free.
#[derive(Debug)]
pub(super) struct Free {
    pub(super) calls: Arc<Semaphore>,
    /// How many of them streams may have.
    pub(super) streams: Arc<Semaphore>,
}

impl ConcurrencyLimitLayer {
    /// Allows `limit` calls at a time.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            free: Arc::new(Free {
                calls: semaphore(limit),
                streams: semaphore(limit),
            }),
            streams: MethodSet::default(),
            without: MethodSet::default(),
        }
    }

    /// Lets calls of these methods or services have `limit` of the places, and no more: a stream
    /// lasts as long as its caller likes, and the others must not wait for that.
    #[must_use]
    pub fn streams<'a>(mut self, limit: usize, names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().for_each(|name| self.streams.add(name));
        self.free = Arc::new(Free {
            calls: Arc::clone(&self.free.calls),
            streams: semaphore(limit),
        });
        self
    }

    /// Exempts a service, by its full name: probes must get through.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }
}

impl<S> Layer<S> for ConcurrencyLimitLayer {
    type Service = ConcurrencyLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ConcurrencyLimit::new(
            inner,
            Arc::clone(&self.free),
            self.streams.clone(),
            self.without.clone(),
        )
    }
}

fn semaphore(limit: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))
}
