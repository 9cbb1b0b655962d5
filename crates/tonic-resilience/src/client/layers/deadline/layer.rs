use std::time::Duration;

use tower_layer::Layer;

use super::PropagateDeadline;
use crate::method_set::MethodSet;

/// Gives each outgoing call what is left of the call that is being served.
///
/// Outside the retries: all attempts share the one deadline.
///
/// ```
/// # use std::time::Duration;
/// # use tonic_resilience::client::layers::deadline::PropagateDeadlineLayer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let channel = tonic_resilience::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let stack = tower::ServiceBuilder::new()
///     .layer(PropagateDeadlineLayer::new(Duration::from_secs(2)))
///     .service(channel);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PropagateDeadlineLayer {
    timeout: Duration,
    streams: MethodSet,
}

impl PropagateDeadlineLayer {
    /// No call takes longer than `timeout`, with or without a deadline of its caller.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            streams: MethodSet::default(),
        }
    }

    /// Exempts these methods, by their full names, from the timeout: a stream lives as long as it
    /// is read. What its caller allows holds for it, too.
    #[must_use]
    pub fn without_timeout<'a>(mut self, methods: impl IntoIterator<Item = &'a str>) -> Self {
        methods
            .into_iter()
            .for_each(|method| self.streams.add(method));
        self
    }

    /// The timeout for calls of this path; `None` where there is none.
    pub(super) fn timeout_of(&self, path: &str) -> Option<Duration> {
        (!self.streams.contain(path)).then_some(self.timeout)
    }
}

impl<S> Layer<S> for PropagateDeadlineLayer {
    type Service = PropagateDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PropagateDeadline::new(inner, self.clone())
    }
}
