//! What the budget allows, and what is counted.

use std::time::Duration;

use http::Response;
use prometheus::Registry;
use tonic::{Code, body::Body};
use tower::Layer;

use super::{Server, layer, layer_with, unavailable};
use crate::{
    client::layers::retry::RetryPolicy,
    stack::refused,
    testing::{answer_in_headers, answer_in_trailers, call, code, metric, request},
};

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_every_call_gets_hardly_more_of_them() {
    let server = Server::new(unavailable);
    let registry = Registry::new();
    let stack = layer_with(RetryPolicy::default(), &registry).layer(server.stack());
    for _ in 0..1000 {
        code(stack.clone(), request()).await;
    }
    let attempts = server.attempts();
    assert!(attempts <= 1005, "{attempts} attempts for 1000 calls");
    let exhausted = metric(&registry, "grpc_client_retry_budget_exhausted_total");
    assert!(exhausted >= 990, "{exhausted}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_one_call_in_twenty_loses_none() {
    fn flaky(attempt: usize) -> Response<Body> {
        if attempt.is_multiple_of(20) {
            return answer_in_headers(Code::Unavailable);
        }
        answer_in_trailers(Code::Ok)
    }
    let server = Server::new(flaky);
    let stack = layer().layer(server.stack());
    for _ in 0..1000 {
        assert_eq!(code(stack.clone(), request()).await, Code::Ok);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_its_caller_did_not_wait_for_is_not_counted() {
    let server = Server::new(unavailable);
    let registry = Registry::new();
    let policy = RetryPolicy::default().backoff(Duration::from_secs(1), Duration::from_secs(1));
    let stack = layer_with(policy, &registry).layer(server.stack());
    for _ in 0..3 {
        let left = tokio::time::timeout(Duration::from_millis(500), call(stack.clone(), request()));
        assert!(left.await.is_err(), "it waits for its second attempt");
    }
    assert_eq!(server.attempts(), 3);
    assert_eq!(metric(&registry, "grpc_client_retries_total"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_not_sent_is_no_failure_and_no_attempt() {
    fn not_sent(attempt: usize) -> Response<Body> {
        match attempt {
            101 => answer_in_headers(Code::Unavailable),
            _ => refused(tonic::Status::unavailable("not sent")),
        }
    }
    let server = Server::new(not_sent);
    let registry = Registry::new();
    let stack = layer_with(RetryPolicy::default(), &registry).layer(server.stack());
    for _ in 0..101 {
        assert_eq!(code(stack.clone(), request()).await, Code::Unavailable);
    }
    let attempts = server.attempts();
    assert_eq!(
        attempts, 102,
        "the one that failed is tried again: the budget is whole"
    );
    assert_eq!(metric(&registry, "grpc_client_retries_total"), 0);
}
