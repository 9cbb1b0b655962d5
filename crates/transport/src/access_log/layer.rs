use tower_layer::Layer;

use super::AccessLog;
use crate::services::Services;

/// Logs each call when it is over. Inside the layer that makes the span, so that the line has its
/// trace id; outside all that may refuse a call.
///
/// ```
/// # let (_, service) = transport::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(transport::access_log::AccessLogLayer::new().without("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug, Default)]
pub struct AccessLogLayer {
    without: Services,
}

impl AccessLogLayer {
    /// Logs the calls of all services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out a service, by its full name: for probes.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }

    pub(super) fn leaves_out(&self, path: &str) -> bool {
        self.without.contain(path)
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog::new(inner, self.clone())
    }
}
