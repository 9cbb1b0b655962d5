//! The current span of `tracing` in the handlers of a server's stack.

use std::sync::{Arc, Mutex};

use http::Request;
use tonic::{body::Body, service::Routes};
use tonic_reflection::pb::v1::{
    FILE_DESCRIPTOR_SET, ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
};
use tonic_resilience::{names, names::Names};
use tonic_stack::server::{Layers, Limits, Position};
use tonic_telemetry::{LogFormat, Options};
use tower::util::MapRequestLayer;
use tracing::Span;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

static NAMES: Names = names!("shop");

/// Whether a handler has a current span, in a stack that this changes.
async fn has_current_span(change: impl FnOnce(Layers) -> Layers) -> bool {
    let options = Options::new("shop").log_format(LogFormat::Off);
    let telemetry = options.start().expect("telemetry starts");
    let _scope = tracing_subscriber::registry()
        .with(telemetry.span_layer())
        .set_default();
    let limits = Limits::default();
    let layers = Layers::new(&[FILE_DESCRIPTOR_SET], &NAMES, &limits, &telemetry);
    let seen = Arc::new(Mutex::new(None));
    let see = Arc::clone(&seen);
    let layers = change(layers.expect("the contract is sound")).with(
        Position::Handler,
        MapRequestLayer::new(move |request: Request<Body>| {
            *see.lock().expect("no panic") = Some(!Span::current().is_none());
            request
        }),
    );
    let handlers = tonic_reflection::server::Builder::configure().build_v1();
    let handlers = Routes::new(handlers.expect("the contract is sound"));
    let request = futures_util::stream::iter([ServerReflectionRequest::default()]);
    let answer = ServerReflectionClient::new(layers.around(handlers))
        .server_reflection_info(request)
        .await;
    answer.expect("it answers");
    let seen = seen.lock().expect("no panic").take();
    seen.expect("the handler is called")
}

#[tokio::test]
async fn a_handler_has_one_so_that_spawned_work_stays_in_its_trace() {
    assert!(has_current_span(|layers| layers).await);
}

#[tokio::test]
async fn a_program_may_leave_it_out() {
    assert!(!has_current_span(Layers::without_current_span).await);
}
