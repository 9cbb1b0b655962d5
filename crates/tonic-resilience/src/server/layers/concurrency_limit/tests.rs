use std::future::pending;

use http_body_util::BodyExt;
use tokio::sync::oneshot;
use tonic::Code;
use tonic_types::StatusExt;
use tower::{Layer, Service};

use super::ConcurrencyLimitLayer;
use crate::testing::{answer_in_trailers, call, code, handler, request};

#[tokio::test]
async fn one_call_too_many_is_shed_and_told_when_to_retry() {
    let (answer, answered) = oneshot::channel::<()>();
    let answered = std::sync::Arc::new(tokio::sync::Mutex::new(answered));
    let mut stack = ConcurrencyLimitLayer::new(1).layer(handler(move |_| {
        let answered = std::sync::Arc::clone(&answered);
        async move {
            let _ = (&mut *answered.lock().await).await;
            answer_in_trailers(Code::Ok)
        }
    }));
    let first = stack.call(request());

    let refused = call(stack.clone(), request()).await;
    let status = tonic::Status::from_header_map(refused.headers()).expect("a refusal");
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_some());

    answer.send(()).expect("the handler waits");
    let streaming = first.await.map_err(|_| ()).expect("an answer");
    assert_eq!(
        code(stack.clone(), request()).await,
        Code::ResourceExhausted,
        "the body of the first call is not read yet"
    );
    streaming.into_body().collect().await.expect("a body");
}

#[tokio::test]
async fn a_call_that_is_dropped_frees_its_place() {
    let mut stack = ConcurrencyLimitLayer::new(1).layer(handler(|_| pending()));
    drop(stack.call(request()));
    let second = tokio::time::timeout(std::time::Duration::from_millis(10), code(stack, request()));
    assert!(second.await.is_err(), "it is handled, not shed");
}

#[tokio::test]
async fn an_exempt_service_is_never_shed() {
    let layer = ConcurrencyLimitLayer::new(0).without("tracewalk.user.v1.UserService");
    let stack = layer.layer(handler(|_| async { answer_in_trailers(Code::Ok) }));
    assert_eq!(code(stack, request()).await, Code::Ok);
}

#[tokio::test]
async fn streams_leave_places_to_other_calls() {
    let layer = ConcurrencyLimitLayer::new(3).streams(2, ["t.T/Watch"]);
    let mut busy = layer.layer(handler(|_| pending()));
    let stack = layer.layer(handler(|_| async { answer_in_trailers(Code::Ok) }));
    let stream = || {
        let mut request = request();
        *request.uri_mut() = http::Uri::from_static("/t.T/Watch");
        request
    };
    let streams = [(); 2].map(|()| busy.call(stream()));
    let refused = call(stack.clone(), stream()).await;
    let status = tonic::Status::from_header_map(refused.headers()).expect("a refusal");
    let details = status.get_error_details();
    assert_eq!(
        details.error_info().expect("a reason").reason,
        "TOO_MANY_STREAMS"
    );
    assert!(details.retry_info().is_some());
    assert_eq!(code(stack.clone(), request()).await, Code::Ok);
    let _third = busy.call(request());
    assert_eq!(
        code(stack.clone(), request()).await,
        Code::ResourceExhausted
    );
    drop(streams);
    assert_eq!(code(stack, stream()).await, Code::Ok);
}
