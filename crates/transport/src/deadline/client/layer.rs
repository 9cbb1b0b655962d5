use std::time::Duration;

use tower_layer::Layer;

use super::PropagateDeadline;

/// Gives each outgoing call what is left of the call that is being served.
///
/// Outside the retries: all attempts share the one deadline.
///
/// ```
/// # use std::time::Duration;
/// # use transport::deadline::PropagateDeadlineLayer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let channel = transport::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let stack = tower::ServiceBuilder::new()
///     .layer(PropagateDeadlineLayer::new(Duration::from_secs(2)))
///     .service(channel);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PropagateDeadlineLayer {
    timeout: Duration,
}

impl PropagateDeadlineLayer {
    /// No call takes longer than `timeout`, with or without a deadline of its caller.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

impl<S> Layer<S> for PropagateDeadlineLayer {
    type Service = PropagateDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PropagateDeadline::new(inner, self.timeout)
    }
}
