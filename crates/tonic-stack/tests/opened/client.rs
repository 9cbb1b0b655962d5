//! What a program changes in the stack of a client.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, health_client::HealthClient};
use tonic_resilience::{
    client::layers::{circuit_breaker, retry::RetryPolicy},
    stack::Stack,
};
use tonic_stack::client::{self, NextHop};
use tonic_telemetry::Telemetry;
use tower::{ServiceExt as _, layer::layer_fn, service_fn};

use crate::{NAMES, telemetry};

#[tokio::test]
async fn retries_and_breaker_follow_the_settings_of_the_program() {
    let telemetry = telemetry();
    let target = "static:///127.0.0.1:1".parse().expect("a target");
    let next = NextHop {
        idempotent: &["grpc.health.v1.Health/Check"],
        retry: RetryPolicy::default()
            .codes([Code::Aborted])
            .max_attempts(5)
            .backoff(Duration::ZERO, Duration::ZERO),
        breaker: circuit_breaker::Settings {
            min_calls: 6,
            ..circuit_breaker::Settings::default()
        },
        ..NextHop::new(&NAMES, "here", FILE_DESCRIPTOR_SET, &target)
    };
    let attempts = Arc::new(AtomicUsize::new(0));
    let (count, code) = (Arc::clone(&attempts), Arc::new(AtomicI32::new(10)));
    let answered = Arc::clone(&code);
    let fails = service_fn(move |_: Request<Body>| {
        count.fetch_add(1, Ordering::Relaxed);
        let status = Status::new(Code::from(answered.load(Ordering::Relaxed)), "as told");
        async move { Ok::<Response<Body>, Infallible>(status.into_http()) }
    });
    let channel = next.over(&telemetry, fails).expect("a stack");
    let mut client = HealthClient::new(channel);
    let mut call = async || {
        let answer = client.check(HealthCheckRequest::default()).await;
        answer.expect_err("it fails").code()
    };
    // The code is retried, up to five attempts.
    assert_eq!(call().await, Code::Aborted);
    assert_eq!(attempts.load(Ordering::Relaxed), 5);
    // This one is not, and it opens the breaker: the next calls are not sent.
    code.store(Code::Unavailable as i32, Ordering::Relaxed);
    for _ in 0..20 {
        assert_eq!(call().await, Code::Unavailable);
    }
    let sent = attempts.load(Ordering::Relaxed);
    assert!(sent < 25, "{sent}");
}

#[tokio::test]
async fn a_layer_outside_of_the_retries_sees_a_call_once_with_its_deadline_and_its_last_answer() {
    let telemetry = telemetry();
    let target = "static:///127.0.0.1:1".parse().expect("a target");
    let (calls, attempts) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&calls);
    let cache = layer_fn(move |inner: client::Inner| {
        let count = Arc::clone(&count);
        service_fn(move |request: Request<Body>| {
            count.fetch_add(1, Ordering::Relaxed);
            assert!(request.headers().contains_key("grpc-timeout"));
            let inner = inner.clone();
            async move {
                if request.headers().contains_key("cached") {
                    return Ok(Status::already_exists("cached").into_http());
                }
                inner.oneshot(request).await
            }
        })
    });
    let next = NextHop {
        idempotent: &["grpc.health.v1.Health/Check"],
        retry: RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO),
        at_call: client::OwnLayers::default().with(cache),
        ..NextHop::new(&NAMES, "here", FILE_DESCRIPTOR_SET, &target)
    };
    let mut client = HealthClient::new(
        next.over(&telemetry, fails_once(&attempts))
            .expect("a stack"),
    );
    let seen = || [&calls, &attempts].map(|it| it.load(Ordering::Relaxed));
    let answer = client.check(HealthCheckRequest::default()).await;
    assert_eq!(answer.expect_err("after a retry").code(), Code::NotFound);
    assert_eq!(seen(), [1, 2]);
    // It may answer itself, and the answer is recorded as any other.
    let answer = client.check(cached()).await;
    assert_eq!(answer.expect_err("cached").code(), Code::AlreadyExists);
    assert_eq!(seen(), [2, 2]);
    assert_eq!(calls_that_ended(&telemetry, "ALREADY_EXISTS"), Some(1));
}

/// A server whose first answer is to be retried, and that counts.
fn fails_once(attempts: &Arc<AtomicUsize>) -> impl Stack + Sync {
    let attempts = Arc::clone(attempts);
    service_fn(move |_: Request<Body>| {
        let code = match attempts.fetch_add(1, Ordering::Relaxed) {
            0 => Code::Unavailable,
            _ => Code::NotFound,
        };
        async move { Ok::<Response<Body>, Infallible>(Status::new(code, "").into_http()) }
    })
}

fn cached() -> tonic::Request<HealthCheckRequest> {
    let mut request = tonic::Request::new(HealthCheckRequest::default());
    let metadata = request.metadata_mut();
    metadata.insert("cached", "1".parse().expect("a value"));
    request
}

/// How many calls of the client ended with this code.
fn calls_that_ended(telemetry: &Telemetry, code: &str) -> Option<u64> {
    let (_, page) = telemetry.metrics().encode(None);
    let page = String::from_utf8(page).expect("text");
    let family = "grpc_client_rpc_duration_seconds_count";
    let mut lines = page.lines().filter(|line| line.starts_with(family));
    let line = lines.find(|line| line.contains(code))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[tokio::test]
async fn a_client_has_series_of_the_services_that_it_calls_alone() {
    let telemetry = telemetry();
    let target = "static:///127.0.0.1:1".parse().expect("a target");
    let both = NextHop::new(&NAMES, "here", FILE_DESCRIPTOR_SET, &target);
    let wrong = NextHop {
        services: &["grpc.health.v1.Heath"],
        ..both.clone()
    };
    let error = wrong.connect(&telemetry).expect_err("no such service");
    let error = std::error::Error::source(&error).expect("a reason");
    assert_eq!(
        error.to_string(),
        "no contract declares a service grpc.health.v1.Heath: is it grpc.health.v1.Health?"
    );
    let right = NextHop {
        services: &["grpc.health.v1.Health"],
        ..both
    };
    right.connect(&telemetry).expect("it is there");
}
