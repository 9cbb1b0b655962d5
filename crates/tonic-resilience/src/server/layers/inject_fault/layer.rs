use tower_layer::Layer;

use super::InjectFault;

/// Does to calls what their baggage asks for. Right around the handlers, inside all other layers:
/// a fault stands for a handler that fails.
///
/// ```
/// # use tonic_resilience::server::layers::{catch_panic::CatchPanicLayer, inject_fault::InjectFaultLayer};
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(CatchPanicLayer)
///     .layer(InjectFaultLayer::new("profile"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InjectFaultLayer {
    service: &'static str,
}

impl InjectFaultLayer {
    /// Listens to faults for the service of this name.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        Self { service }
    }
}

impl<S> Layer<S> for InjectFaultLayer {
    type Service = InjectFault<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InjectFault::new(inner, self.service)
    }
}
