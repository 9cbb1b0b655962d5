//! Who calls, by a signed token: `authorization: Bearer <JWT>`.
//!
//! A token is accepted when all of this holds, and in this order:
//!
//! 1. there is one `authorization`, and it is no longer than 8 KiB: no cryptography before that;
//! 2. its `typ` is `JWT`, `at+jwt` or absent, and there is no `crit`;
//! 3. its `kid` names a key of the key file, and its `alg` is the one that *the file* gives this
//!    key: `EdDSA` or `ES256`. What the token says of keys (`jwk`, `jku`, `x5u`) is not looked at;
//! 4. the signature is right;
//! 5. `exp`, `iss`, `aud` and `sub` are there, and these, `nbf` and `iat` have the right types and
//!    values, with 30 s of leeway for clocks.
//!
//! A call without a token is anonymous, and may call methods that require no scope. A token that is
//! not accepted is `UNAUTHENTICATED` whatever is called; one without the scope is
//! `PERMISSION_DENIED`. Both carry the metadata `www-authenticate` with a [challenge]. All checks
//! run before the body is read.
//!
//! The key file is a [JWK set][jwks], read again when it changes. Keys that cannot be used are
//! skipped, with the log line `key skipped`: those of other types or for other purposes, without a
//! `kid`, and weak ones. A set without a key that can be used is refused. Spec: [JWT][jwt], and its
//! [best practices][bcp]. Visible as the span attribute [`principal`](crate::names::Names::principal), or
//! [`auth_refusal`](crate::names::Names::auth_refusal) with the reason, which the caller does not learn; and as an info log
//! line for each refusal.
//!
//! [challenge]: https://www.rfc-editor.org/rfc/rfc6750#section-3
//! [jwks]: https://www.rfc-editor.org/rfc/rfc7517#section-5
//! [jwt]: https://www.rfc-editor.org/rfc/rfc7519
//! [bcp]: https://www.rfc-editor.org/rfc/rfc8725

mod challenge;
mod claims;
mod keys;
mod public_key;
mod service;
mod token;
mod verifier;

#[cfg(test)]
mod tests;

pub use self::{
    keys::KeysError,
    service::{Authenticate, ResponseFuture},
    verifier::{TokenRefusal, TokenVerifier},
};

use std::{collections::HashMap, sync::Arc};

use tower_layer::Layer;

use crate::names::{Names, with_names};

/// Finds the caller by a token. Inside the deadline and the log, outside the limits by caller.
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
    verifier: TokenVerifier,
    /// The scope that a path asks for.
    scopes: HashMap<String, String>,
    names: &'static Names,
}

impl AuthenticateLayer {
    /// Accepts the tokens that `verifier` accepts; anonymous calls pass.
    #[must_use]
    pub fn new(verifier: TokenVerifier) -> Self {
        Self {
            verifier,
            scopes: HashMap::new(),
            names: Default::default(),
        }
    }

    with_names!(names);

    /// Requires a token with `scope` for calls of `method`.
    #[must_use]
    pub fn require(mut self, scope: &str, method: &str) -> Self {
        self.scopes.insert(format!("/{method}"), scope.to_owned());
        self
    }

    /// The full names of the methods that a scope is asked for.
    pub fn protected(&self) -> impl Iterator<Item = &str> {
        let paths = self.scopes.keys();
        paths.map(|path| path.trim_start_matches('/'))
    }
}

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticate {
            inner,
            rules: Arc::new(self.clone()),
        }
    }
}
