use tower_layer::Layer;

use super::CatchPanic;

/// Turns panics into `INTERNAL`. Right around the handlers, inside all other layers.
///
/// ```
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(tonic_resilience::server::layers::catch_panic::CatchPanicLayer)
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CatchPanicLayer;

impl<S> Layer<S> for CatchPanicLayer {
    type Service = CatchPanic<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CatchPanic::new(inner)
    }
}
