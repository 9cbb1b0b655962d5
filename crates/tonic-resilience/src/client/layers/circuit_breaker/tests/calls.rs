//! Which calls count, and as what.

use std::{future::pending, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use prometheus::Registry;
use tonic::{Code, Status, body::Body};
use tower::Layer;

use super::breaker::seconds;
use crate::{
    client::layers::{
        circuit_breaker::{BreakerMetrics, CircuitBreakerLayer, Settings},
        deadline::PropagateDeadlineLayer,
    },
    server::layers::deadline::EnforceDeadlineLayer,
    stack::{Stack, refused},
    testing::{answer_in_headers, answer_in_trailers, call, code, handler, metric, request},
};

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
