//! What is tried again, and what is not.

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use prometheus::Registry;
use rstest::rstest;
use tonic::{Code, body::Body};
use tower::Layer;

use super::{Server, layer, layer_with, third_time_lucky, unavailable, with_pushback};
use crate::{
    client::layers::retry::{RetryLayer, RetryMetrics, RetryPolicy},
    testing::{PATH, answer_in_headers, answer_in_trailers, code, handler, metric, request},
};

#[tokio::test(start_paused = true)]
async fn a_call_is_tried_again_until_it_succeeds() {
    let server = Server::new(third_time_lucky);
    let registry = Registry::new();
    let stack = layer_with(RetryPolicy::default(), &registry).layer(server.stack());
    assert_eq!(code(stack, request()).await, Code::Ok);

    let seen = server.seen.lock().expect("no attempt panics").clone();
    let previous = |attempt: usize| seen[attempt].1.get("grpc-previous-rpc-attempts").cloned();
    assert_eq!(previous(0), None);
    assert_eq!(previous(1), Some(HeaderValue::from(1)));
    assert_eq!(previous(2), Some(HeaderValue::from(2)));
    assert_eq!(metric(&registry, "grpc_client_retries_total"), 2);
}

#[rstest]
#[case::a_code_that_is_not_listed(|_| answer_in_headers(Code::NotFound))]
#[case::a_call_that_is_committed(|_| answer_in_trailers(Code::Unavailable))]
#[case::pushback_that_says_never(|_| with_pushback("-1"))]
#[case::pushback_that_is_no_number(|_| with_pushback("soon"))]
#[tokio::test(start_paused = true)]
async fn not_tried_again(#[case] answer: fn(usize) -> Response<Body>) {
    let server = Server::new(answer);
    code(layer().layer(server.stack()), request()).await;
    assert_eq!(server.attempts(), 1);
}

#[rstest]
#[case::with_a_key(&["a"], 3)]
#[case::without(&[], 1)]
#[case::with_two(&["a", "b"], 1)]
#[tokio::test(start_paused = true)]
async fn a_write_is_tried_again_if_it_has_one_idempotency_key(
    #[case] keys: &[&'static str],
    #[case] attempts: usize,
) {
    let server = Server::new(unavailable);
    let policy = RetryPolicy::default().idempotent_with_key(&PATH[1..]);
    let metrics = RetryMetrics::new(&Registry::new()).expect("a new registry");
    let layer = RetryLayer::new("user", policy, &metrics);
    let mut request = request();
    for key in keys {
        let key = HeaderValue::from_static(key);
        request.headers_mut().append("idempotency-key", key);
    }
    code(layer.layer(server.stack()), request).await;
    assert_eq!(server.attempts(), attempts);
    let seen = server.seen.lock().expect("no attempt panics");
    let sent = |headers: &HeaderMap| headers.get_all("idempotency-key").iter().count();
    assert!(seen.iter().all(|(_, headers)| sent(headers) == keys.len()));
}

#[tokio::test(start_paused = true)]
async fn a_method_that_is_not_listed_is_not_tried_again() {
    let server = Server::new(unavailable);
    let mut other = request();
    *other.uri_mut() = http::Uri::from_static("/tracewalk.user.v1.UserService/CreateUser");
    code(layer().layer(server.stack()), other).await;
    assert_eq!(server.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_too_large_to_keep_is_sent_once_and_whole() {
    static LARGE: [u8; 100_000] = [7; 100_000];
    let stack = layer().layer(handler(|request| async {
        let body = request.into_body().collect().await.expect("a body");
        assert_eq!(body.to_bytes(), &LARGE[..]);
        answer_in_headers(Code::Unavailable)
    }));
    let request = request().map(|_| Body::new(http_body_util::Full::from(&LARGE[..])));
    assert_eq!(code(stack, request).await, Code::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_connection_is_tried_again() {
    let broken = tower::service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(tonic::Status::unavailable("no route"))
    });
    let registry = Registry::new();
    let stack = layer_with(RetryPolicy::default(), &registry).layer(broken);
    assert_eq!(code(stack, request()).await, Code::Unavailable);
    assert_eq!(metric(&registry, "grpc_client_retries_total"), 2);
}
