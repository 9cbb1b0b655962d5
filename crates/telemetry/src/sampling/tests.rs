use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry::trace::{Span, TraceId, Tracer, TracerProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use proptest::prelude::*;

use tonic::server::{Grpc, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::messages::{
    ByOperation, Operation, Probabilistic, RateLimiting, StrategyRequest, StrategyResponse,
};
use super::poll::Question;
use super::strategy::Budget;
use super::{RemoteSampler, Strategy};

/// The answer that asks for this share of all traces.
fn share(ratio: f64) -> StrategyResponse {
    StrategyResponse {
        probabilistic: Some(Probabilistic { ratio }),
        ..Default::default()
    }
}

/// How many of a thousand traces that begin with this operation are sampled.
fn sampled(strategy: &Strategy, operation: &str) -> usize {
    // Their random part is spread evenly, from half a step on.
    let step = (1_u128 << 56) / 1000;
    let ids = (0..1000).map(|number| TraceId::from(number * step + step / 2));
    ids.filter(|id| strategy.samples(*id, operation)).count()
}

#[test]
fn ratio_takes_its_share_of_all_traces() {
    for (ratio, expected) in [(0.0, 0), (0.25, 250), (1.0, 1000)] {
        let strategy = Strategy::read(share(ratio)).expect("a valid ratio");
        assert_eq!(sampled(&strategy, "GetUser"), expected, "{ratio}");
    }
}

#[test]
fn operation_has_its_own_share_and_a_minimum() {
    let operation = |name: &str, ratio| Operation {
        name: name.into(),
        probabilistic: share(ratio).probabilistic,
    };
    let by_operation = ByOperation {
        default_ratio: 0.5,
        lower_bound: 2.0,
        operations: vec![operation("GetUser", 1.0), operation("Check", 0.0)],
    };
    let response = StrategyResponse {
        by_operation: Some(by_operation),
        ..Default::default()
    };
    let strategy = Strategy::read(response).expect("valid ratios");
    assert_eq!(sampled(&strategy, "GetUser"), 1000);
    assert_eq!(sampled(&strategy, "CreateUser"), 500);
    let minimum = sampled(&strategy, "Check");
    assert!((2..10).contains(&minimum), "{minimum}");
}

#[test]
fn nonsense_changes_nothing() {
    for ratio in [-0.1, 1.1, f64::NAN] {
        assert!(Strategy::read(share(ratio)).is_none(), "{ratio}");
    }
    assert!(Strategy::read(StrategyResponse::default()).is_none());
}

#[test]
fn budget_fills_with_time_and_holds_a_second() {
    let begin = Instant::now();
    let budget = Budget::new(10.0);
    let spend = |seconds: u64| {
        let now = begin + Duration::from_secs(seconds);
        (0..100).filter(|_| budget.spend(now)).count()
    };
    assert_eq!((spend(1), spend(1), spend(2), spend(3600)), (10, 0, 10, 10));
    assert!(!Budget::new(0.0).spend(begin) && !Budget::new(-1.0).spend(begin));
    assert!(!Budget::new(f64::NAN).spend(begin));
}

proptest! {
    #[test]
    fn larger_share_takes_all_that_a_smaller_one_takes(id in any::<u128>(), a in 0.0..1.0, b in 0.0..1.0) {
        let (small, large) = if a < b { (a, b) } else { (b, a) };
        let id = TraceId::from(id);
        if Strategy::Ratio(small).samples(id, "") {
            prop_assert!(Strategy::Ratio(large).samples(id, ""));
        }
    }
}

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

    async fn start(&self) -> std::net::SocketAddr {
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

/// Begins traces until so many of them in a row have been sampled, or have not.
async fn until_each_is(sampled: bool, tracer: &SdkTracer) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut in_a_row = 0;
    while in_a_row < 20 {
        assert!(
            Instant::now() < deadline,
            "the answer of the server has no effect"
        );
        let span = tracer.start("GetUser");
        in_a_row = if span.span_context().is_sampled() == sampled {
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
    let question = Question {
        endpoint: format!("http://{}", server.start().await)
            .parse()
            .expect("a URL"),
        service: "user".to_owned(),
        interval: Duration::from_millis(5),
        initial_ratio: 1.0,
    };
    let sampler = RemoteSampler::start(question).expect("a thread");
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    let tracer = provider.tracer("test");

    until_each_is(true, &tracer).await;
    server.answer(share(0.0));
    until_each_is(false, &tracer).await;
    let rate_limiting = Some(RateLimiting {
        traces_per_second: 1_000_000,
    });
    server.answer(StrategyResponse {
        rate_limiting,
        ..Default::default()
    });
    until_each_is(true, &tracer).await;
}
