//! The layers beside what is not gRPC, and interceptors. Pages of axum and gRPC-Web on one port are in
//! `applications/own-pages`.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::{BodyExt as _, Collected};
use tonic::{Code, Status, body::Body, service::Routes, service::interceptor::InterceptedService};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_telemetry::{Methods, TraceServerLayer};
use tonic_web::GrpcWebLayer;
use tower::{Layer as _, Service, ServiceBuilder, ServiceExt as _};

use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION,
    echo::{Echo, Running},
};

/// A call of `Say` with the word `ok`, in a content type of gRPC's or of gRPC-Web's.
fn say(content_type: &str) -> Request<Body> {
    let message = &[0, 0, 0, 0, 4, 0x0a, 2, b'o', b'k'][..];
    Request::post("/test.v1.Echo/Say")
        .version(http::Version::HTTP_2)
        .header("content-type", content_type)
        .body(Body::new(http_body_util::Full::new(Bytes::from_static(
            message,
        ))))
        .expect("a request")
}

fn page() -> Request<Body> {
    Request::get("/").body(Body::empty()).expect("a request")
}

fn echo(fixture: &Fixture) -> Routes {
    Routes::new(Echo {
        tracer: fixture.tracer(),
    })
}

/// The status, the headers and the whole body of an answer.
async fn answer<S, B>(
    service: S,
    request: Request<Body>,
) -> (StatusCode, HeaderMap, Collected<Bytes>)
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: HttpBody<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (head, body) = service
        .oneshot(request)
        .await
        .expect("an answer")
        .into_parts();
    (
        head.status,
        head.headers,
        body.collect().await.expect("a body"),
    )
}

fn recorded(fixture: &Fixture) -> Vec<(String, u64)> {
    let samples = fixture.samples(SERVER_DURATION).into_iter();
    samples.map(|(code, (count, _))| (code, count)).collect()
}

#[tokio::test]
async fn each_request_is_a_call_where_the_port_has_nothing_else() {
    let fixture = Fixture::new();
    let service = fixture.server_layer().all_requests().layer(echo(&fixture));
    answer(service, page()).await;
    assert_eq!(fixture.only_span().name, "grpc");
    assert_eq!(recorded(&fixture), [("UNIMPLEMENTED".to_owned(), 1)]);
}

#[tokio::test]
async fn above_the_layer_of_grpc_web_its_calls_are_none() {
    let fixture = Fixture::new();
    let service = ServiceBuilder::new()
        .layer(fixture.server_layer())
        .layer(GrpcWebLayer::new())
        .service(echo(&fixture));
    let (_, _, body) = answer(service, say("application/grpc-web+proto")).await;
    let status = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    assert!(status.contains("grpc-status:0"), "{status}");
    assert_eq!(recorded(&fixture), []);
}

#[tokio::test]
async fn a_traced_channel_takes_interceptors() {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let traced = fixture.client_layer().layer(server.channel());
    let passes = |request: tonic::Request<()>| Ok(request);
    let mut client = HealthClient::with_interceptor(traced.clone(), passes);
    let answer = client.check(HealthCheckRequest::default()).await;
    assert_eq!(answer.expect("it serves").into_inner().status, 1);

    let refuses = |_: tonic::Request<()>| Err(Status::permission_denied("not you"));
    let mut client = HealthClient::with_interceptor(traced.clone(), refuses);
    let answer = client.check(HealthCheckRequest::default()).await;
    assert_eq!(answer.expect_err("refused").code(), Code::PermissionDenied);
    // Nothing was sent, so nothing is recorded; inside the layer a refusal is a call.
    let inside = fixture
        .client_layer()
        .layer(InterceptedService::new(server.channel(), refuses));
    let answer = HealthClient::new(inside)
        .check(HealthCheckRequest::default())
        .await;
    assert_eq!(answer.expect_err("refused").code(), Code::PermissionDenied);
    let codes: Vec<_> = fixture.samples(CLIENT_DURATION).into_keys().collect();
    assert_eq!(codes, ["OK", "PERMISSION_DENIED"]);
}

#[tokio::test]
async fn health_checks_are_measured_and_not_traced_without_being_listed() {
    let fixture = Fixture::new();
    let check = || {
        let request = Request::post("/grpc.health.v1.Health/Check");
        let request = request.header("content-type", "application/grpc");
        let message = http_body_util::Full::new(Bytes::from_static(&[0; 5]));
        request.body(Body::new(message)).expect("a request")
    };
    let layer = TraceServerLayer::new(fixture.tracer(), &fixture.registry, &Methods::default());
    let health = || Routes::new(tonic_health::server::health_reporter().1);
    answer(layer.clone().layer(health()), check()).await;
    assert_eq!(fixture.spans().len(), 0);
    let started = fixture.count("grpc_rpc_started_total", "Check");
    assert!((started - 1.0).abs() < f64::EPSILON, "{started}");

    answer(
        layer.with_spans("grpc.health.v1.Health").layer(health()),
        check(),
    )
    .await;
    assert_eq!(fixture.only_span().name, "grpc.health.v1.Health/Check");
}
