use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tonic::server::{Grpc, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::super::choose;
use super::super::messages::{RateLimiting, StrategyRequest, StrategyResponse};
use super::{by_operation, share};
use crate::env::Variables;

/// A sampling server with one answer at a time.
#[derive(Clone, Debug, Default)]
struct Server(Arc<Mutex<StrategyResponse>>);

impl UnaryService<StrategyRequest> for Server {
    type Response = StrategyResponse;
    type Future = std::future::Ready<Result<Response<StrategyResponse>, Status>>;

    fn call(&mut self, request: Request<StrategyRequest>) -> Self::Future {
        assert_eq!(request.get_ref().service_name, "user");
        let answer = self
            .0
            .lock()
            .expect("no test panics while it holds the answer")
            .clone();
        std::future::ready(Ok(Response::new(answer)))
    }
}

impl Server {
    fn answer(&self, response: StrategyResponse) {
        *self
            .0
            .lock()
            .expect("no test panics while it holds the answer") = response;
    }

    async fn start(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let server = self.clone();
        let route = tower::service_fn(move |request: http::Request<axum::body::Body>| {
            let server = server.clone();
            async move {
                let codec = ProstCodec::<StrategyResponse, StrategyRequest>::default();
                Ok::<_, std::convert::Infallible>(Grpc::new(codec).unary(server, request).await)
            }
        });
        let router = axum::Router::new()
            .route_service("/jaeger.api_v2.SamplingManager/GetSamplingStrategy", route);
        let server = tonic::transport::Server::builder()
            .add_routes(tonic::service::Routes::from(router))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        address
    }
}

/// The answer that asks for so many traces a second.
fn rate(traces_per_second: i32) -> StrategyResponse {
    StrategyResponse {
        rate_limiting: Some(RateLimiting { traces_per_second }),
        ..Default::default()
    }
}

/// Begins traces by the sampler of the environment, which asks this server again and again.
async fn tracer(server: &Server) -> SdkTracer {
    let argument = format!(
        "endpoint=http://{},pollingIntervalMs=5,initialSamplingRate=1",
        server.start().await
    );
    let variables = Variables::of(&[
        ("OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", &argument),
    ]);
    let sampler = choose("user", &variables).expect("the variables are understood");
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    provider.tracer("test")
}

fn is_sampled(tracer: &SdkTracer, operation: &'static str) -> bool {
    tracer.start(operation).span_context().is_sampled()
}

/// Begins traces until so many of them in a row have been sampled, or have not.
async fn until_each_is(sampled: bool, tracer: &SdkTracer, operation: &'static str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut in_a_row = 0;
    while in_a_row < 20 {
        assert!(
            Instant::now() < deadline,
            "the answer of the server has no effect"
        );
        in_a_row = if is_sampled(tracer, operation) == sampled {
            in_a_row + 1
        } else {
            0
        };
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn sampler_follows_its_server_from_answer_to_answer() {
    let server = Server::default();
    let tracer = tracer(&server).await;
    until_each_is(true, &tracer, "GetUser").await;
    server.answer(share(0.0));
    until_each_is(false, &tracer, "GetUser").await;
    server.answer(rate(1_000_000));
    until_each_is(true, &tracer, "GetUser").await;
}

#[tokio::test]
async fn each_operation_has_the_share_that_the_server_gives_it() {
    let server = Server::default();
    server.answer(by_operation(0.0, 0.0, &[("GetUser", 1.0), ("Check", 0.0)]));
    let tracer = tracer(&server).await;
    until_each_is(false, &tracer, "CreateUser").await;
    for _ in 0..20 {
        assert!(is_sampled(&tracer, "GetUser"));
        assert!(!is_sampled(&tracer, "Check") && !is_sampled(&tracer, "CreateUser"));
    }
}

#[tokio::test]
async fn answer_that_is_given_again_does_not_fill_its_budget() {
    let server = Server::default();
    let tracer = tracer(&server).await;
    server.answer(rate(1));
    until_each_is(false, &tracer, "GetUser").await;
    let begin = Instant::now();
    let mut sampled = 0.0;
    while begin.elapsed() < Duration::from_millis(300) {
        sampled += f64::from(u8::from(is_sampled(&tracer, "GetUser")));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // The server is asked dozens of times meanwhile.
    assert!(sampled <= begin.elapsed().as_secs_f64() + 1.0, "{sampled}");
}
