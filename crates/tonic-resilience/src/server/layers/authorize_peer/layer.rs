use std::{collections::HashMap, sync::Arc};

use tower_layer::Layer;

use super::AuthorizePeer;
use crate::method_set::MethodSet;

/// Lets services call what they may. Inside the log, outside all that reads the call.
///
/// ```
/// # use tonic_resilience::server::layers::authorize_peer::AuthorizePeerLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(
///         AuthorizePeerLayer::default()
///             .allow("tracewalk.user.v1.UserService", &["gateway"])
///             .allow_all("grpc.health.v1.Health"),
///     )
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug, Default)]
pub struct AuthorizePeerLayer {
    open: MethodSet,
    services: HashMap<String, Vec<String>>,
    methods: HashMap<String, Vec<String>>,
}

impl AuthorizePeerLayer {
    /// Lets `peers` call a service, by its full name.
    #[must_use]
    pub fn allow(mut self, service: &str, peers: &[&str]) -> Self {
        let peers = peers.iter().map(ToString::to_string).collect();
        self.services.insert(service.to_owned(), peers);
        self
    }

    /// Lets `peers` alone call a method such as `tracewalk.user.v1.UserService/CreateUser`,
    /// whoever may call its service.
    #[must_use]
    pub fn allow_method(mut self, method: &str, peers: &[&str]) -> Self {
        let peers = peers.iter().map(ToString::to_string).collect();
        self.methods.insert(method.to_owned(), peers);
        self
    }

    /// Lets everyone call a service, by its full name.
    #[must_use]
    pub fn allow_all(mut self, service: &str) -> Self {
        self.open.add(service);
        self
    }

    /// Whether anyone may call this path.
    pub(super) fn is_open(&self, path: &str) -> bool {
        self.open.contain(path)
    }

    /// Whether `peer` may call this path.
    pub(super) fn allows(&self, path: &str, peer: &str) -> bool {
        let path = path.trim_start_matches('/');
        let (service, _) = path.split_once('/').unwrap_or((path, ""));
        let allowed = self
            .methods
            .get(path)
            .or_else(|| self.services.get(service));
        allowed.is_some_and(|peers| peers.iter().any(|allowed| allowed == peer))
    }
}

impl<S> Layer<S> for AuthorizePeerLayer {
    type Service = AuthorizePeer<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthorizePeer::new(inner, Arc::new(self.clone()))
    }
}
