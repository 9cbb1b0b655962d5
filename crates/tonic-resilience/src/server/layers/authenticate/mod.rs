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
mod token;
mod verifier;

#[cfg(test)]
mod tests;

pub use self::{
    keys::KeysError,
    verifier::{TokenRefusal, TokenVerifier},
};

use std::{
    collections::HashMap,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use self::challenge::Challenge;
use crate::{
    errors::ErrorReply,
    names::{Names, with_names},
    response::{HookFuture, response_future},
    server::principal::Principal,
    span,
    stack::Stack,
};

/// Finds the caller by a token. Inside the deadline and the log, outside the limits by caller.
///
/// The handlers find the [`Principal`] in the request's extensions.
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

/// Finds the caller by a token: made by [`AuthenticateLayer`].
#[derive(Clone, Debug)]
pub struct Authenticate<S> {
    inner: S,
    rules: Arc<AuthenticateLayer>,
}

impl<S> Authenticate<S> {
    /// The caller by its token, if there is one; the refusal if it is wrong or lacks a scope.
    fn caller(&self, request: &Request<Body>) -> Result<Option<Principal>, Status> {
        let principal = match bearer(request.headers()) {
            Ok(None) => None,
            Ok(Some(token)) => {
                let verified = self.rules.verifier.verify(token);
                let wrong = |refusal: TokenRefusal| {
                    self.unauthenticated(&refusal.to_string(), Challenge::InvalidToken)
                };
                Some(verified.map_err(wrong)?)
            }
            Err(reason @ "not_bearer") => {
                return Err(self.unauthenticated(reason, Challenge::Token));
            }
            Err(reason) => return Err(self.unauthenticated(reason, Challenge::InvalidToken)),
        };
        let Some(scope) = self.rules.scopes.get(request.uri().path()) else {
            return Ok(principal);
        };
        match principal {
            None => Err(self.unauthenticated("no_token", Challenge::Token)),
            Some(principal) if principal.has_scope(scope) => Ok(Some(principal)),
            Some(principal) => Err(self.denied(&principal, scope)),
        }
    }

    fn unauthenticated(&self, reason: &str, challenge: Challenge) -> Status {
        span::attribute(self.rules.names.auth_refusal, reason.to_owned());
        tracing::info!(reason, "unauthenticated");
        let message = "a valid token is needed";
        let reply = ErrorReply::new(Code::Unauthenticated, "UNAUTHENTICATED", message);
        self.challenged(reply.into_status(), challenge)
    }

    fn denied(&self, principal: &Principal, scope: &str) -> Status {
        span::attribute(self.rules.names.principal, principal.label());
        span::attribute(self.rules.names.auth_refusal, "no_scope");
        tracing::info!(%principal, scope, "permission denied");
        let message = format!("the scope {scope} is needed");
        let reply = ErrorReply::new(Code::PermissionDenied, "SCOPE_MISSING", message);
        let reply = reply.metadata("scope", scope);
        self.challenged(reply.into_status(), Challenge::Scope(scope))
    }

    fn challenged(&self, mut status: Status, challenge: Challenge) -> Status {
        challenge.add_to(&mut status, self.rules.verifier.audience());
        status
    }
}

impl<S: Stack> Service<Request<Body>> for Authenticate<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.caller(&request) {
            Ok(principal) => {
                // Removed, so that no inner layer or handler can leak the token.
                request.headers_mut().remove(AUTHORIZATION);
                if let Some(principal) = principal {
                    span::attribute(self.rules.names.principal, principal.label());
                    request.extensions_mut().insert(principal);
                }
                HookFuture::pass(self.inner.call(request), ())
            }
            Err(refusal) => HookFuture::refuse(refusal),
        }
        .into()
    }
}

response_future! {
    /// The response future of [`Authenticate`].
    ()
}

/// The token; `None` without one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, &'static str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    // It cannot be known which of two tokens is meant.
    if values.next().is_some() {
        return Err("two_tokens");
    }
    let text = value.to_str().map_err(|_| "malformed")?;
    match text.split_once(' ') {
        // There may be more than one space: RFC 9110, 11.4.
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(Some(token.trim_start_matches(' ')))
        }
        _ => Err("not_bearer"),
    }
}
