use std::time::Duration;

use tower_layer::Layer;

use super::EnforceDeadline;
use crate::method_set::MethodSet;

/// Ends each call at its `grpc-timeout`, and at a maximum of the server's own.
///
/// At its `grpc-timeout` less a tenth, at most 10 ms: after it nobody listens, so the answer that
/// says `DEADLINE_EXCEEDED` has to leave before. Outside all that may take time, inside the layers
/// that record how a call ended.
///
/// ```
/// # use std::time::Duration;
/// # use tonic_resilience::server::layers::deadline::EnforceDeadlineLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)).without_maximum("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct EnforceDeadlineLayer {
    maximum: Duration,
    maximum_of_streams: Duration,
    streams: MethodSet,
    without_maximum: MethodSet,
}

impl EnforceDeadlineLayer {
    /// No call takes longer than `maximum`, whatever its caller allows.
    #[must_use]
    pub fn new(maximum: Duration) -> Self {
        Self {
            maximum,
            maximum_of_streams: maximum,
            streams: MethodSet::default(),
            without_maximum: MethodSet::default(),
        }
    }

    /// Another maximum for these methods, by their full names: a stream lives as long as it is
    /// read.
    #[must_use]
    pub fn streams<'a>(
        mut self,
        maximum: Duration,
        methods: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.maximum_of_streams = maximum;
        methods
            .into_iter()
            .for_each(|method| self.streams.add(method));
        self
    }

    /// Exempts a service, by its full name, from each maximum: for watches that never end.
    #[must_use]
    pub fn without_maximum(mut self, service: &str) -> Self {
        self.without_maximum.add(service);
        self
    }

    /// The maximum for calls of this path; `None` where there is none.
    pub(super) fn maximum_of(&self, path: &str) -> Option<Duration> {
        if self.without_maximum.contain(path) {
            return None;
        }
        Some(if self.streams.contain(path) {
            self.maximum_of_streams
        } else {
            self.maximum
        })
    }
}

impl<S> Layer<S> for EnforceDeadlineLayer {
    type Service = EnforceDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EnforceDeadline::new(inner, self.clone())
    }
}
