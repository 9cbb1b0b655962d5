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
    server::principal::Principal,
    span,
    stack::{CallFuture, Stack},
};

/// Finds out who calls: made by [`AuthenticateLayer`].
#[derive(Clone, Debug)]
pub struct Authenticate<S> {
    inner: S,
    rules: Arc<AuthenticateLayer>,
}

impl<S> Authenticate<S> {
    pub(super) fn new(inner: S, rules: Arc<AuthenticateLayer>) -> Self {
        Self { inner, rules }
    }

    /// Who calls, if anyone says so; the refusal where that is wrong or not enough.
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
        span::attribute("tracewalk.auth_refusal", reason.to_owned());
        tracing::info!(reason, "unauthenticated");
        let message = "a valid token is needed";
        let reply = ErrorReply::new(Code::Unauthenticated, "UNAUTHENTICATED", message);
        self.challenged(reply.into_status(), challenge)
    }

    fn denied(&self, principal: &Principal, scope: &str) -> Status {
        span::attribute("tracewalk.principal", principal.label());
        span::attribute("tracewalk.auth_refusal", "no_scope");
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
    type Future = CallFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.caller(&request) {
            Ok(principal) => {
                // It did its work, and must not leak from further in.
                request.headers_mut().remove(AUTHORIZATION);
                if let Some(principal) = principal {
                    span::attribute("tracewalk.principal", principal.label());
                    request.extensions_mut().insert(principal);
                }
                CallFuture::pass(self.inner.call(request))
            }
            Err(refusal) => CallFuture::refuse(refusal),
        }
    }
}

/// The token; `None` without one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, &'static str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    // Which of two is meant cannot be known.
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
