use std::{collections::HashMap, sync::Arc};

use tower_layer::Layer;

use super::{Authenticate, TokenVerifier};

/// Finds out who calls. Inside the deadline and the log, outside the limits by caller.
///
/// The handlers find the [`Principal`](crate::server::principal::Principal) in the request's extensions.
///
/// ```
/// # use tonic_resilience::server::layers::authenticate::{AuthenticateLayer, TokenVerifier};
/// # fn stack(verifier: TokenVerifier) {
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(
///         AuthenticateLayer::new(verifier)
///             .require("users:write", "tracewalk.gateway.v1.GatewayService/CreateUser"),
///     )
///     .service(tonic::service::Routes::new(service));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthenticateLayer {
    pub(super) verifier: TokenVerifier,
    /// The scope that a path asks for.
    pub(super) scopes: HashMap<String, String>,
}

impl AuthenticateLayer {
    /// Believes the tokens that `verifier` believes; anonymous calls pass.
    #[must_use]
    pub fn new(verifier: TokenVerifier) -> Self {
        Self {
            verifier,
            scopes: HashMap::new(),
        }
    }

    /// Asks for a token with `scope` where `method` is called.
    #[must_use]
    pub fn require(mut self, scope: &str, method: &str) -> Self {
        self.scopes.insert(format!("/{method}"), scope.to_owned());
        self
    }
}

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticate::new(inner, Arc::new(self.clone()))
    }
}
