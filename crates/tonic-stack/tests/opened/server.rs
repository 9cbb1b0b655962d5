//! What a program changes in the stack of a server.

use std::{convert::Infallible, sync::Arc};

use http::{Request, Response};
use tonic::{Code, Status, body::Body, service::Routes};
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, health_client::HealthClient};
use tonic_resilience::server::health::Health;
use tonic_stack::{
    client::NextHop,
    server::{Layers, Limits, Position},
};
use tonic_telemetry::Telemetry;
use tower::{layer::layer_fn, service_fn, util::MapRequestLayer};

use crate::{NAMES, telemetry};

fn layers(telemetry: &Telemetry) -> Layers {
    let layers = Layers::new(
        &[FILE_DESCRIPTOR_SET],
        &NAMES,
        &Limits::default(),
        telemetry,
    );
    layers.expect("the contract is sound")
}

fn handlers() -> Routes {
    let (health, service) = Health::new(&[]);
    health.set_serving(true);
    Routes::new(service)
}

/// The order in which positions see a request.
fn noting(name: &'static str) -> MapRequestLayer<impl Fn(Request<Body>) -> Request<Body> + Clone> {
    MapRequestLayer::new(move |mut request: Request<Body>| {
        let seen = request.headers_mut();
        seen.append("seen", name.parse().expect("a value"));
        request
    })
}

#[tokio::test]
async fn layers_of_the_program_stand_where_it_says_and_a_client_of_the_process_calls() {
    let telemetry = telemetry();
    let (seen, witness) = tokio::sync::oneshot::channel();
    let seen = Arc::new(std::sync::Mutex::new(Some(seen)));
    let layers = layers(&telemetry)
        .with(
            Position::Handler,
            MapRequestLayer::new(move |request: Request<Body>| {
                let names = request.headers().get_all("seen").iter();
                let names = names.map(|name| name.to_str().unwrap().to_owned());
                if let Some(seen) = seen.lock().expect("no panic").take() {
                    seen.send(names.collect::<Vec<_>>()).expect("it is awaited");
                }
                request
            }),
        )
        .with(Position::Handler, noting("handler"))
        .with(Position::Caller, noting("caller"))
        .with(Position::Call, noting("call, inside"))
        .with(Position::Call, noting("call"));
    // No socket: the client's channel is the server's stack.
    let target = "static:///127.0.0.1:1".parse().expect("a target");
    let next = NextHop::new(&NAMES, "here", FILE_DESCRIPTOR_SET, &target);
    let channel = next.over(&telemetry, layers.around(handlers()));
    let mut client = HealthClient::new(channel.expect("a stack"));
    let answer = client.check(HealthCheckRequest::default()).await;
    assert_eq!(answer.expect("it serves").into_inner().status, 1);
    let order = ["call", "call, inside", "caller", "handler"];
    assert_eq!(witness.await.expect("the handler is called"), order);
    let (_, page) = telemetry.metrics().encode(None);
    let page = String::from_utf8(page).expect("text");
    for side in [
        "grpc_rpc_duration_seconds_count",
        "grpc_client_rpc_duration_seconds_count",
    ] {
        let has = |line: &str| line.starts_with(side) && line.contains("\"OK\"");
        assert!(page.lines().any(has), "{side}: {page}");
    }
}

#[tokio::test]
async fn a_layer_of_the_program_may_refuse_and_its_answer_is_recorded() {
    let telemetry = telemetry();
    let refuse = layer_fn(|_| {
        service_fn(async |_: Request<Body>| {
            Ok::<Response<Body>, Infallible>(Status::permission_denied("closed").into_http())
        })
    });
    let stack = layers(&telemetry)
        .with(Position::Caller, refuse)
        .around(handlers());
    let answer = HealthClient::new(stack)
        .check(HealthCheckRequest::default())
        .await;
    assert_eq!(answer.expect_err("refused").code(), Code::PermissionDenied);
    let (_, page) = telemetry.metrics().encode(None);
    assert!(
        String::from_utf8(page)
            .expect("text")
            .contains("PERMISSION_DENIED")
    );
}

#[tokio::test]
async fn a_message_above_the_limit_of_the_program_is_refused() {
    let telemetry = telemetry();
    let stack = layers(&telemetry).max_message_bytes(16).around(handlers());
    let service = "x".repeat(17);
    let answer = HealthClient::new(stack)
        .check(HealthCheckRequest { service })
        .await;
    assert_eq!(answer.expect_err("refused").code(), Code::ResourceExhausted);
}
