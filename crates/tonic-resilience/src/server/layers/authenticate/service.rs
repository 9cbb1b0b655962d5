use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::{AuthenticateLayer, TokenRefusal, challenge::Challenge};
use crate::{
    errors::ErrorReply,
    response::{HookFuture, response_future},
    server::principal::Principal,
    span,
    stack::Stack,
};

/// Finds the caller by a token: made by [`AuthenticateLayer`].
#[derive(Clone, Debug)]
pub struct Authenticate<S> {
    pub(super) inner: S,
    pub(super) rules: Arc<AuthenticateLayer>,
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
