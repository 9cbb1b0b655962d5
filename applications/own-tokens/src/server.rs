//! A guide for callers who have both a token of their own and a session of this application.

use std::error::Error;

use route_guide::{Guide, route_guide_server::RouteGuideServer};
use tokio::net::TcpListener;
use tonic::{Request, Status, transport::server::TcpIncoming};
use tonic_resilience::{
    names,
    names::Names,
    server::layers::authenticate::{AuthenticateLayer, TokenVerifier},
};
use tonic_telemetry::Telemetry;

static NAMES: Names = names!("guide");

/// Serves until `stop`. A session is the metadata `session`, signed with `secret`.
pub async fn serve(
    telemetry: &Telemetry,
    verifier: TokenVerifier,
    secret: &'static [u8],
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), Box<dyn Error>> {
    let callers = AuthenticateLayer::new(verifier)
        .require("guide:read", "route_guide.v1.RouteGuide/GetFeature")
        .names(&NAMES);
    let guide = Guide::default();
    let afterwards = guide.afterwards.clone();
    let sessions = move |request| with_session(request, secret);
    telemetry
        .server()
        .layer(callers)
        .add_service(RouteGuideServer::with_interceptor(guide, sessions))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop)
        .await?;
    afterwards.close();
    afterwards.wait().await;
    Ok(())
}

fn with_session(request: Request<()>, secret: &[u8]) -> Result<Request<()>, Status> {
    let session = request.metadata().get("session");
    let session = session.and_then(|token| token.to_str().ok());
    match session.map(|token| crate::read(secret, token)) {
        Some(Ok(_)) => Ok(request),
        Some(Err(_)) => Err(Status::unauthenticated("the session is not valid")),
        None => Err(Status::unauthenticated("expected the metadata `session`")),
    }
}
