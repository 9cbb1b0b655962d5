use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::AuthorizePeerLayer;
use crate::{
    errors::ErrorReply,
    server::principal::Principal,
    span,
    stack::{CallFuture, Stack},
    tls::PeerIdentity,
};

/// Lets services call what they may: made by [`AuthorizePeerLayer`].
#[derive(Clone, Debug)]
pub struct AuthorizePeer<S> {
    inner: S,
    rules: Arc<AuthorizePeerLayer>,
}

impl<S> AuthorizePeer<S> {
    pub(super) fn new(inner: S, rules: Arc<AuthorizePeerLayer>) -> Self {
        Self { inner, rules }
    }
}

impl<S: Stack> Service<Request<Body>> for AuthorizePeer<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = CallFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let peer = request.extensions().get::<PeerIdentity>().cloned();
        let path = request.uri().path();
        let refusal = match &peer {
            _ if self.rules.is_open(path) => None,
            None => Some(no_certificate()),
            Some(peer) if self.rules.allows(path, peer.service()) => None,
            Some(peer) => Some(not_allowed(peer)),
        };
        if let Some(refusal) = refusal {
            return CallFuture::refuse(refusal);
        }
        if let Some(peer) = peer {
            span::attribute("tracewalk.peer", peer.service().to_owned());
            let principal = Principal::new(peer.service(), []);
            request.extensions_mut().insert(principal);
        }
        CallFuture::pass(self.inner.call(request))
    }
}

fn no_certificate() -> Status {
    tracing::info!("a caller without a certificate is refused");
    let message = "a client certificate is needed";
    ErrorReply::new(Code::Unauthenticated, "NO_CERTIFICATE", message).into_status()
}

fn not_allowed(peer: &PeerIdentity) -> Status {
    span::attribute("tracewalk.peer", peer.service().to_owned());
    tracing::info!(%peer, "a peer is refused");
    let message = format!("{peer} may not call this");
    ErrorReply::new(Code::PermissionDenied, "PEER_NOT_ALLOWED", message).into_status()
}
