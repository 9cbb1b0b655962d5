use std::{future::pending, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use prometheus::Registry;
use tokio::time::Instant;
use tonic::{Code, Status, body::Body};
use tower::Layer;

use super::{
    BreakerMetrics, CircuitBreakerLayer, Settings,
    breaker::{Breaker, Outcome, Position},
};
use crate::{
    client::layers::deadline::PropagateDeadlineLayer,
    server::layers::deadline::EnforceDeadlineLayer,
    stack::{Stack, refused},
    testing::{answer_in_headers, answer_in_trailers, call, code, handler, metric, request},
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A breaker whose calls end at once.
struct Fixture {
    breaker: Breaker,
    now: Instant,
}

impl Fixture {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            breaker: Breaker::new(Settings::default(), now),
            now,
        }
    }

    fn call(&mut self, outcome: Outcome) -> Position {
        let generation = self.breaker.admit(self.now).expect("the call passes");
        self.breaker.ended(generation, outcome, self.now);
        self.breaker.position()
    }

    fn refused(&mut self) -> bool {
        self.breaker.admit(self.now).is_err()
    }

    fn open(&mut self) {
        for _ in 0..10 {
            self.call(Outcome::Failure);
        }
        assert_eq!(self.breaker.position(), Position::Open);
    }
}

#[tokio::test(start_paused = true)]
async fn it_opens_at_the_tenth_call_when_half_fail() {
    let mut fixture = Fixture::new();
    for number in 1..=9 {
        assert_eq!(
            fixture.call(Outcome::Failure),
            Position::Closed,
            "call {number}"
        );
    }
    assert_eq!(fixture.call(Outcome::Success), Position::Open);

    let mut fixture = Fixture::new();
    for outcome in [Outcome::Failure, Outcome::Success].repeat(4) {
        assert_eq!(fixture.call(outcome), Position::Closed);
    }
    fixture.call(Outcome::Success);
    assert_eq!(fixture.call(Outcome::Success), Position::Closed, "4 of 10");
    assert_eq!(fixture.call(Outcome::Failure), Position::Closed, "5 of 11");
    assert_eq!(fixture.call(Outcome::Failure), Position::Open, "6 of 12");
}

#[tokio::test(start_paused = true)]
async fn calls_from_before_the_window_do_not_count() {
    let mut fixture = Fixture::new();
    for _ in 0..200 {
        fixture.call(Outcome::Success);
    }
    fixture.now += seconds(11);
    for number in 1..=9 {
        assert_eq!(
            fixture.call(Outcome::Failure),
            Position::Closed,
            "call {number}"
        );
    }
    assert_eq!(fixture.call(Outcome::Failure), Position::Open);

    let mut fixture = Fixture::new();
    for _ in 0..9 {
        fixture.call(Outcome::Failure);
    }
    fixture.now += seconds(11);
    assert_eq!(
        fixture.call(Outcome::Failure),
        Position::Closed,
        "the nine are forgotten"
    );
}

#[tokio::test(start_paused = true)]
async fn it_stays_open_for_five_seconds_and_closes_after_three_probes() {
    let mut fixture = Fixture::new();
    fixture.open();
    fixture.now += Duration::from_millis(4999);
    assert!(fixture.refused());
    fixture.now += Duration::from_millis(1);
    let probes: Vec<u64> = (0..3)
        .map(|_| fixture.breaker.admit(fixture.now).expect("a probe"))
        .collect();
    assert!(fixture.refused(), "a fourth while three are under way");
    for generation in probes {
        assert_eq!(fixture.breaker.position(), Position::HalfOpen);
        fixture
            .breaker
            .ended(generation, Outcome::Success, fixture.now);
    }
    assert_eq!(fixture.breaker.position(), Position::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_probe_that_fails_opens_it_again() {
    let mut fixture = Fixture::new();
    fixture.open();
    fixture.now += seconds(5);
    assert_eq!(fixture.call(Outcome::Success), Position::HalfOpen);
    assert_eq!(fixture.call(Outcome::Failure), Position::Open);
    fixture.now += seconds(4);
    assert!(fixture.refused());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_given_up_makes_room_for_another() {
    let mut fixture = Fixture::new();
    fixture.open();
    fixture.now += seconds(5);
    for _ in 0..10 {
        assert_eq!(fixture.call(Outcome::Neutral), Position::HalfOpen);
    }
}

#[tokio::test(start_paused = true)]
async fn old_news_does_not_change_the_state() {
    let mut fixture = Fixture::new();
    let slow: Vec<u64> = (0..20)
        .map(|_| fixture.breaker.admit(fixture.now).expect("the call passes"))
        .collect();
    fixture.open();
    fixture.now += seconds(5);
    assert_eq!(fixture.call(Outcome::Success), Position::HalfOpen);
    for generation in slow {
        fixture
            .breaker
            .ended(generation, Outcome::Failure, fixture.now);
    }
    assert_eq!(fixture.breaker.position(), Position::HalfOpen);
}

fn around(server: impl Stack) -> (impl Stack<ResponseBody = Body>, Registry) {
    let registry = Registry::new();
    let metrics = BreakerMetrics::new(&registry).expect("a new registry");
    let layer = CircuitBreakerLayer::new("user", Settings::default(), &metrics);
    (
        layer.streams(["t.T/Watch", "t.T/Lookup"]).layer(server),
        registry,
    )
}

fn to(path: &'static str) -> Request<Body> {
    let mut request = request();
    *request.uri_mut() = http::Uri::from_static(path);
    request
}

/// Opens the breaker, and waits until the next call is a probe.
async fn until_probes(stack: impl Stack) {
    for _ in 0..10 {
        assert_eq!(code(stack.clone(), to("/t.T/Fail")).await, Code::Internal);
    }
    assert_eq!(code(stack, request()).await, Code::Unavailable);
    tokio::time::advance(seconds(5)).await;
}

async fn reply(request: Request<Body>) -> Response<Body> {
    match request.uri().path() {
        "/t.T/Fail" => answer_in_headers(Code::Internal),
        "/t.T/Watch" => Response::new(Body::new(StreamBody::new(pending_frames()))),
        "/t.T/Lookup" => pending().await,
        "/t.T/Refused" => refused(Status::resource_exhausted("no free stream")),
        _ => answer_in_trailers(Code::Ok),
    }
}

fn pending_frames() -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>> {
    futures_util::stream::pending()
}

#[tokio::test(start_paused = true)]
async fn a_stream_as_a_probe_succeeds_with_its_headers() {
    let (stack, registry) = around(handler(reply));
    until_probes(stack.clone()).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(call(stack.clone(), to("/t.T/Watch")).await);
    }
    assert_eq!(metric(&registry, "circuit_breaker_state"), 0);
    assert_eq!(code(stack, request()).await, Code::Ok);
}

#[tokio::test(start_paused = true)]
async fn probes_that_say_nothing_make_room_for_others() {
    let (stack, registry) = around(handler(reply));
    until_probes(stack.clone()).await;
    let mut silent = [(); 3].map(|()| Box::pin(call(stack.clone(), to("/t.T/Lookup"))));
    for call in &mut silent {
        assert!(call.now_or_never().is_none());
    }
    assert_eq!(code(stack.clone(), request()).await, Code::Unavailable);
    tokio::time::advance(seconds(5)).await;
    for _ in 0..3 {
        assert_eq!(code(stack.clone(), request()).await, Code::Ok);
    }
    assert_eq!(metric(&registry, "circuit_breaker_state"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_not_sent_says_nothing_of_the_server() {
    let (stack, registry) = around(handler(reply));
    until_probes(stack.clone()).await;
    for _ in 0..10 {
        let ended = code(stack.clone(), to("/t.T/Refused")).await;
        assert_eq!(ended, Code::ResourceExhausted);
    }
    assert_eq!(metric(&registry, "circuit_breaker_state"), 1, "half-open");
}

#[tokio::test(start_paused = true)]
async fn failures_in_trailers_open_it_and_refusals_are_counted() {
    let (stack, registry) = around(handler(|_| async { answer_in_trailers(Code::Internal) }));
    for _ in 0..10 {
        assert_eq!(code(stack.clone(), request()).await, Code::Internal);
    }
    let refused = call(stack, request()).await;
    assert_eq!(refused.headers()["grpc-status"], "14");
    assert_eq!(refused.headers()["grpc-retry-pushback-ms"], "-1");
    assert_eq!(metric(&registry, "circuit_breaker_state"), 2);
    assert_eq!(metric(&registry, "circuit_breaker_transitions_total"), 1);
    assert_eq!(metric(&registry, "circuit_breaker_refused_total"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_opens_it_by_the_deadlines() {
    let (stack, registry) = around(handler(|_| pending()));
    let stack = PropagateDeadlineLayer::new(Duration::from_millis(100)).layer(stack);
    for _ in 0..10 {
        assert_eq!(code(stack.clone(), request()).await, Code::DeadlineExceeded);
    }
    assert_eq!(code(stack.clone(), request()).await, Code::Unavailable);
    assert_eq!(metric(&registry, "circuit_breaker_state"), 2);
}

#[tokio::test(start_paused = true)]
async fn callers_in_a_hurry_do_not_open_it() {
    let (stack, registry) = around(handler(|_| pending()));
    let client = PropagateDeadlineLayer::new(Duration::from_secs(1)).layer(stack);
    let server = EnforceDeadlineLayer::new(Duration::from_secs(60))
        .layer(handler(move |_| call(client.clone(), request())));
    for _ in 0..50 {
        let mut hurried = request();
        let timeout = http::HeaderValue::from_static("100m");
        hurried.headers_mut().insert("grpc-timeout", timeout);
        assert_eq!(code(server.clone(), hurried).await, Code::DeadlineExceeded);
    }
    assert_eq!(metric(&registry, "circuit_breaker_state"), 0);
}

#[tokio::test(start_paused = true)]
async fn mistakes_of_callers_and_calls_given_up_do_not_open_it() {
    let (stack, registry) = around(handler(|_| async { answer_in_headers(Code::NotFound) }));
    for _ in 0..50 {
        assert_eq!(code(stack.clone(), request()).await, Code::NotFound);
    }
    let (hanging, _) = around(handler(|_| pending()));
    for _ in 0..50 {
        let given_up =
            tokio::time::timeout(Duration::from_millis(1), call(hanging.clone(), request()));
        assert!(given_up.await.is_err(), "it is let pass, and hangs");
    }
    assert_eq!(metric(&registry, "circuit_breaker_state"), 0);
}
