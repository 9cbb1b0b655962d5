use std::time::Duration;

use tower_layer::Layer;

use super::EnforceDeadline;
use crate::services::Services;

/// Ends each call at its `grpc-timeout`, and at a maximum of the server's own.
///
/// Outside all that may take time, inside the layers that record how a call ended.
///
/// ```
/// # use std::time::Duration;
/// # use transport::deadline::EnforceDeadlineLayer;
/// # let (_, service) = transport::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)).without_maximum("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct EnforceDeadlineLayer {
    maximum: Duration,
    without_maximum: Services,
}

impl EnforceDeadlineLayer {
    /// No call takes longer than `maximum`, whatever its caller allows.
    #[must_use]
    pub fn new(maximum: Duration) -> Self {
        Self {
            maximum,
            without_maximum: Services::default(),
        }
    }

    /// Exempts a service, by its full name, from the maximum: for watches that never end.
    #[must_use]
    pub fn without_maximum(mut self, service: &str) -> Self {
        self.without_maximum.add(service);
        self
    }

    /// The maximum for calls of this path; `None` where there is none.
    pub(super) fn maximum_of(&self, path: &str) -> Option<Duration> {
        (!self.without_maximum.contain(path)).then_some(self.maximum)
    }
}

impl<S> Layer<S> for EnforceDeadlineLayer {
    type Service = EnforceDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EnforceDeadline::new(inner, self.clone())
    }
}
