//! Which service may call what: by the certificate at the other end of the connection.
//!
//! All that is not allowed is refused: without a certificate as `UNAUTHENTICATED`, with that of
//! another service as `PERMISSION_DENIED`. Needs [`tls`](crate::tls). Visible as the span
//! attribute [`peer`](crate::names::Names::peer), an info log line for each refusal, and the `code` in the metrics.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    errors::ErrorReply,
    method_set::MethodSet,
    names::{Names, with_names},
    response::{HookFuture, response_future},
    server::principal::Principal,
    span,
    stack::Stack,
    tls::PeerIdentity,
};

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
    names: &'static Names,
}

impl AuthorizePeerLayer {
    with_names!(names);

    /// Lets `peers` call a service, by its full name.
    #[must_use]
    pub fn allow(mut self, service: &str, peers: &[&str]) -> Self {
        let peers = peers.iter().map(ToString::to_string).collect();
        self.services.insert(service.to_owned(), peers);
        self
    }

    /// Lets only `peers` call a method such as `tracewalk.user.v1.UserService/CreateUser`, even if
    /// others may call its service.
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
    fn is_open(&self, path: &str) -> bool {
        self.open.contain(path)
    }

    /// Whether `peer` may call this path.
    fn allows(&self, path: &str, peer: &str) -> bool {
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
        AuthorizePeer {
            inner,
            rules: Arc::new(self.clone()),
        }
    }
}

/// Lets services call what they may: made by [`AuthorizePeerLayer`].
#[derive(Clone, Debug)]
pub struct AuthorizePeer<S> {
    inner: S,
    rules: Arc<AuthorizePeerLayer>,
}

impl<S: Stack> Service<Request<Body>> for AuthorizePeer<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

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
        if let Some(peer) = &peer {
            span::attribute(self.rules.names.peer, peer.service().to_owned());
        }
        if let Some(refusal) = refusal {
            return HookFuture::refuse(refusal).into();
        }
        if let Some(peer) = peer {
            let principal = Principal::new(peer.service(), []);
            request.extensions_mut().insert(principal);
        }
        HookFuture::pass(self.inner.call(request), ()).into()
    }
}

response_future! {
    /// The response future of [`AuthorizePeer`].
    ()
}

fn no_certificate() -> Status {
    tracing::info!("a caller without a certificate is refused");
    let message = "a client certificate is needed";
    ErrorReply::new(Code::Unauthenticated, "NO_CERTIFICATE", message).into_status()
}

fn not_allowed(peer: &PeerIdentity) -> Status {
    tracing::info!(%peer, "a peer is refused");
    let message = format!("{peer} may not call this");
    ErrorReply::new(Code::PermissionDenied, "PEER_NOT_ALLOWED", message).into_status()
}
