use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use prometheus::Registry;
use rstest::rstest;
use tokio::time::Instant;
use tonic::{Code, body::Body};
use tower::Layer;

use super::{RetryLayer, RetryMetrics, RetryPolicy};
use crate::{
    client::layers::deadline::PropagateDeadlineLayer,
    server::layers::deadline::EnforceDeadlineLayer,
    stack::{Stack, refused},
    testing::{
        MESSAGE, PATH, answer_in_headers, answer_in_trailers, call, code, handler, metric, request,
    },
};

/// A server that notes what it gets, and answers by the number of the attempt, from 1.
#[derive(Clone)]
struct Server {
    seen: Arc<Mutex<Vec<(Instant, HeaderMap)>>>,
    answer: fn(usize) -> Response<Body>,
}

impl Server {
    fn new(answer: fn(usize) -> Response<Body>) -> Self {
        Self {
            seen: Arc::default(),
            answer,
        }
    }

    fn stack(&self) -> impl Stack<ResponseBody = Body> + use<> {
        let server = self.clone();
        handler(move |request| {
            let server = server.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.expect("a body").to_bytes();
                assert!(body.is_empty() || body == MESSAGE);
                let mut seen = server.seen.lock().expect("no attempt panics");
                seen.push((Instant::now(), parts.headers));
                (server.answer)(seen.len())
            }
        })
    }

    fn attempts(&self) -> usize {
        self.seen.lock().expect("no attempt panics").len()
    }

    fn waits(&self) -> Vec<Duration> {
        let seen = self.seen.lock().expect("no attempt panics");
        seen.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

fn layer_with(policy: RetryPolicy, registry: &Registry) -> RetryLayer {
    let metrics = RetryMetrics::new(registry).expect("a new registry");
    RetryLayer::new("user", policy.idempotent(&PATH[1..]), &metrics)
}

fn layer() -> RetryLayer {
    layer_with(RetryPolicy::default(), &Registry::new())
}

fn unavailable(_: usize) -> Response<Body> {
    answer_in_headers(Code::Unavailable)
}

fn third_time_lucky(attempt: usize) -> Response<Body> {
    if attempt < 3 {
        return answer_in_headers(Code::Unavailable);
    }
    answer_in_trailers(Code::Ok)
}

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

#[tokio::test(start_paused = true)]
async fn waits_double_and_are_jittered_by_a_fifth() {
    for _ in 0..100 {
        let server = Server::new(third_time_lucky);
        code(layer().layer(server.stack()), request()).await;
        let waits = server.waits();
        for (wait, middle) in waits.iter().zip([50, 100]) {
            let middle = Duration::from_millis(middle);
            // The timer's own grain is a millisecond.
            let grain = Duration::from_millis(2);
            assert!(*wait >= middle.mul_f64(0.8), "{waits:?}");
            assert!(*wait <= middle.mul_f64(1.2) + grain, "{waits:?}");
        }
    }
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

fn with_pushback(value: &'static str) -> Response<Body> {
    let mut response = answer_in_headers(Code::Unavailable);
    let value = HeaderValue::from_static(value);
    response
        .headers_mut()
        .insert("grpc-retry-pushback-ms", value);
    response
}

#[tokio::test(start_paused = true)]
async fn pushback_sets_the_wait() {
    let server = Server::new(|_| with_pushback("700"));
    code(layer().layer(server.stack()), request()).await;
    assert_eq!(server.waits(), [Duration::from_millis(700); 2]);
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
async fn all_attempts_share_the_deadline() {
    let server = Server::new(unavailable);
    let policy = RetryPolicy::default().backoff(Duration::from_secs(1), Duration::from_secs(1));
    let stack = layer_with(policy, &Registry::new())
        .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)).layer(server.stack()));
    let stack = PropagateDeadlineLayer::new(Duration::from_millis(1500)).layer(stack);
    let start = Instant::now();
    let status = call(stack, request()).await;
    assert_eq!(
        crate::testing::code_of(status).await,
        Code::Unavailable,
        "the cause, not the limit"
    );
    assert_eq!(
        server.attempts(),
        2,
        "a third would come after the deadline"
    );
    assert!(start.elapsed() < Duration::from_millis(1500));
    let seen = server.seen.lock().expect("no attempt panics").clone();
    let timeouts = seen.iter().map(|(_, headers)| {
        crate::deadline::parse_timeout(&headers["grpc-timeout"]).expect("a timeout")
    });
    let timeouts: Vec<Duration> = timeouts.collect();
    assert!(
        timeouts[1] <= timeouts[0].saturating_sub(Duration::from_millis(800)),
        "{timeouts:?}"
    );
}

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
async fn an_error_of_the_connection_is_tried_again() {
    let broken = tower::service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(tonic::Status::unavailable("no route"))
    });
    let registry = Registry::new();
    let stack = layer_with(RetryPolicy::default(), &registry).layer(broken);
    assert_eq!(code(stack, request()).await, Code::Unavailable);
    assert_eq!(metric(&registry, "grpc_client_retries_total"), 2);
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
