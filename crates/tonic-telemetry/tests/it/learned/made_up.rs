//! What a caller makes up, and what is refused.

use std::{convert::Infallible, future::pending};

use axum::{Router, routing::post};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use rstest::rstest;
use tonic::{
    Code, Status,
    body::Body,
    service::{Routes, interceptor::InterceptedService},
};
use tower::{Layer as _, Service, ServiceExt as _, service_fn};

use super::{STARTED, request, services};
use crate::support::{Fixture, SERVER_DURATION, attribute, echo::Echo};

/// Calls a service by each of these paths, and sees that none has series.
async fn assert_other<S, B>(fixture: &Fixture, service: S, paths: &[&str])
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone,
    B: http_body::Body<Data = bytes::Bytes>,
    B::Error: std::fmt::Debug,
{
    for path in paths {
        let answer = service.clone().oneshot(request(path)).await;
        let body = answer.expect("it is infallible").into_body();
        body.collect().await.expect("a body");
    }
    let named = services(fixture, SERVER_DURATION);
    assert!(named.iter().all(|service| service == "_OTHER"), "{named:?}");
    assert_eq!(fixture.spans().len(), paths.len());
    for span in fixture.spans() {
        assert_eq!(
            (&*span.name, &*attribute(&span, "rpc.method")),
            ("grpc", "_OTHER")
        );
    }
    let expected = paths.iter().map(|_| 1.0).sum::<f64>();
    let calls = fixture.count(STARTED, "_OTHER");
    assert!((calls - expected).abs() < f64::EPSILON, "{calls}");
}

#[tokio::test]
async fn a_method_that_nobody_serves_has_no_series() {
    let fixture = Fixture::learning();
    let routes = Routes::new(Echo {
        tracer: fixture.tracer(),
    });
    let made_up = ["/test.v1.Echo/Guess", "/test.v1.Guess/Say", "/guess", "/"];
    assert_other(&fixture, fixture.server_layer().layer(routes), &made_up).await;
    let span = fixture.spans().remove(0);
    assert_eq!(
        attribute(&span, "rpc.method_original"),
        "test.v1.Echo/Guess"
    );
}

#[rstest]
#[tokio::test]
async fn what_an_interceptor_refuses_has_no_series(
    #[values(Code::Unauthenticated, Code::ResourceExhausted, Code::Internal)] code: Code,
) {
    let fixture = Fixture::learning();
    let routes = Routes::new(Echo {
        tracer: fixture.tracer(),
    });
    let refuse = move |_: tonic::Request<()>| Err(Status::new(code, "not you"));
    let refusing = InterceptedService::new(routes, refuse);
    let paths = ["/test.v1.Echo/Say", "/test.v1.Echo/Guess"];
    assert_other(&fixture, fixture.server_layer().layer(refusing), &paths).await;
}

#[tokio::test]
async fn a_refusal_by_who_read_the_request_gives_no_series() {
    let fixture = Fixture::learning();
    let check = service_fn(async |request: Request<Body>| {
        request.into_body().collect().await.expect("a body");
        Ok::<_, Infallible>(Status::unauthenticated("a wrong signature").into_http::<Body>())
    });
    let paths = ["/test.v1.Echo/Say", "/test.v1.Echo/Guess"];
    assert_other(&fixture, fixture.server_layer().layer(check), &paths).await;
}

#[rstest]
#[tokio::test]
async fn a_page_that_is_not_grpc_has_no_series(
    #[values(StatusCode::OK, StatusCode::BAD_REQUEST)] status: StatusCode,
) {
    let fixture = Fixture::learning();
    let page = post(async move |_: bytes::Bytes| status);
    let pages: Router = Router::new().route("/users/{user}", page);
    let paths = ["/users/1", "/users/2"];
    let pages = pages.map_request(|request: Request<Body>| request.map(axum::body::Body::new));
    assert_other(&fixture, fixture.server_layer().layer(pages), &paths).await;
}

#[tokio::test]
async fn a_call_that_its_caller_leaves_before_the_answer_proves_nothing() {
    let fixture = Fixture::learning();
    let hanging = service_fn(async |request: Request<Body>| {
        request.into_body().collect().await.expect("a body");
        pending::<Result<Response<Body>, Infallible>>().await
    });
    let server = fixture.server_layer().layer(hanging);
    let mut call = tokio_test::task::spawn(server.oneshot(request("/test.v1.Echo/Say")));
    assert!(call.poll().is_pending());
    drop(call);
    let span = fixture.only_span();
    assert_eq!(
        (&*span.name, &*attribute(&span, "rpc.method")),
        ("grpc", "_OTHER")
    );
    assert_eq!(fixture.samples(SERVER_DURATION)["CANCELLED"].0, 1);
}
