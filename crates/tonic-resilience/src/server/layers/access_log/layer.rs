use std::{collections::HashSet, sync::Arc};

use grpc_wire::OTHER;
use tower_layer::Layer;

use super::AccessLog;
use crate::method_set::MethodSet;

/// Logs each call when it is over. Inside the layer that makes the span, so that the line has its
/// trace id; outside all that may refuse a call.
///
/// ```
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(tonic_resilience::server::layers::access_log::AccessLogLayer::new(["tracewalk.user.v1.UserService/GetUser"]))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct AccessLogLayer {
    /// The paths of the methods that there are.
    methods: Arc<HashSet<String>>,
    without: MethodSet,
}

impl AccessLogLayer {
    /// Logs all calls, and names the methods that there are, given by their full names.
    ///
    /// A call to anything else is logged as `_OTHER`, as it is counted: its path is a text of its
    /// caller, such as a URL with a token in it.
    #[must_use]
    pub fn new<'a>(methods: impl IntoIterator<Item = &'a str>) -> Self {
        let paths = methods.into_iter().map(|name| format!("/{name}"));
        Self {
            methods: Arc::new(paths.collect()),
            without: MethodSet::default(),
        }
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

    /// What the log calls a path.
    pub(super) fn name(&self, path: &str) -> String {
        let known = self.methods.get(path);
        known.map_or_else(|| OTHER.to_owned(), Clone::clone)
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog::new(inner, self.clone())
    }
}
