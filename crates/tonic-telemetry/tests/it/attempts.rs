//! A call with retries: one span and one sample for what the caller asked, and one of each for
//! each request on the wire.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::support::{
    ATTEMPT_DURATION, CLIENT_DURATION, Fixture, attribute, label, script::grpc_status,
};
use http::{Request, Response};
use opentelemetry::trace::SpanKind;
use tonic::{Code, Status, body::Body};
use tower::{BoxError, Layer as _, Service, ServiceExt as _, service_fn};

const ATTEMPT: &str = "shop.rpc.attempt";

fn request() -> Request<Body> {
    Request::builder()
        .header("content-type", "application/grpc")
        .uri("/test.v1.Echo/Say")
        .body(Body::empty())
        .expect("the URI is valid")
}

/// A peer that fails the first requests, and writes down the parent that each one names.
fn flaky(
    failures: usize,
    parents: std::sync::mpsc::Sender<String>,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Status, Future: Send> + Clone {
    let seen = Arc::new(AtomicUsize::new(0));
    service_fn(move |request: Request<Body>| {
        let parent = request.headers()["traceparent"]
            .to_str()
            .expect("it is text");
        parents
            .send(parent[36..52].to_owned())
            .expect("the test receives it");
        let code = if seen.fetch_add(1, Ordering::SeqCst) < failures {
            Code::Unavailable
        } else {
            Code::Ok
        };
        let mut answer = Response::new(Body::empty());
        *answer.headers_mut() = grpc_status(code, "");
        std::future::ready(Ok(answer))
    })
}

/// Builds each request anew: nothing of the first one but the context of the call remains.
async fn retried<S, R>(attempts: S) -> Result<Response<R>, Status>
where
    S: Service<Request<Body>, Response = Response<R>, Error = Status> + Clone,
{
    loop {
        let answer = attempts.clone().oneshot(request()).await?;
        if answer.headers()["grpc-status"] == "0" {
            return Ok(answer);
        }
    }
}

#[tokio::test]
async fn each_attempt_is_a_child_of_the_call_and_counted_by_itself() {
    let fixture = Fixture::new();
    let (sender, parents) = std::sync::mpsc::channel();
    let attempts = fixture
        .client_layer()
        .attempt(ATTEMPT)
        .layer(flaky(2, sender));
    let retries = service_fn(move |request: Request<Body>| {
        let named = request.headers().contains_key("traceparent");
        assert!(!named, "each attempt writes its own");
        retried(attempts.clone())
    });
    let client = fixture.client_layer().over_attempts().layer(retries);

    client.oneshot(request()).await.unwrap();

    let call = fixture.wait_for(SpanKind::Client, 1).await.remove(0);
    let spans = fixture.wait_for(SpanKind::Internal, 3).await;
    assert_eq!(fixture.spans().len(), 4, "a hop has one CLIENT span");
    assert_eq!(attribute(&call, "rpc.response.status_code"), "OK");
    assert_eq!(attribute(&call, ATTEMPT), "");
    let seen = ["UNAVAILABLE", "UNAVAILABLE", "OK"];
    for (number, (attempt, code)) in spans.iter().zip(seen).enumerate() {
        assert_eq!(attempt.parent_span_id, call.span_context.span_id());
        assert_eq!(attempt.name, format!("Attempt {}", call.name));
        assert_eq!(attribute(attempt, "rpc.response.status_code"), code);
        let expected = (number + 1).to_string();
        assert_eq!(attribute(attempt, ATTEMPT), expected);
        let named = parents.recv().unwrap();
        assert_eq!(named, attempt.span_context.span_id().to_string());
    }
    let counts = |name| {
        let samples = fixture.samples(name).into_iter();
        samples
            .map(|(code, (count, _))| (code, count))
            .collect::<Vec<_>>()
    };
    assert_eq!(counts(CLIENT_DURATION), [("OK".to_owned(), 1)]);
    let attempts = [("OK".to_owned(), 1), ("UNAVAILABLE".to_owned(), 2)];
    assert_eq!(counts(ATTEMPT_DURATION), attempts);
}

#[tokio::test]
async fn a_client_without_retries_has_no_attempts() {
    let fixture = Fixture::new();
    let (sender, _parents) = std::sync::mpsc::channel();
    let client = fixture.client_layer().layer(flaky(0, sender));

    client.oneshot(request()).await.unwrap();

    assert_eq!(fixture.spans().len(), 1);
    assert!(fixture.family(ATTEMPT_DURATION).is_none());
}

#[tokio::test]
async fn each_target_has_series_of_its_own() -> Result<(), BoxError> {
    let fixture = Fixture::new();
    let _layer = fixture.client_layer().attempt(ATTEMPT);

    for name in [CLIENT_DURATION, ATTEMPT_DURATION] {
        let series = fixture.series(name);
        assert!(
            series
                .iter()
                .all(|series| label(series, "target") == "echo")
        );
        // The methods of the echo and the health service, and `_OTHER`.
        assert_eq!(series.len(), fixture.methods.iter().count() + 1);
    }
    Ok(())
}
