use std::future::pending;

use http::Request;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;
use tower::{Layer, Service};

use super::CallerLimitLayer;
use crate::{
    server::principal::Principal,
    testing::{PATH, answer_in_trailers, call, code, handler, request},
};

const STREAM: &str = "/t.T/Watch";
const PROBE: &str = "/grpc.health.v1.Health/Check";

fn request_of(name: &str, path: &'static str) -> Request<Body> {
    let mut request = request();
    *request.uri_mut() = http::Uri::from_static(path);
    request.extensions_mut().insert(Principal::new(name, []));
    request
}

#[tokio::test]
async fn who_has_as_many_streams_as_it_may_gets_its_other_calls_through() {
    let layer = CallerLimitLayer::new(1, 2)
        .streams(["t.T/Watch"])
        .separate("grpc.health.v1.Health");
    let mut busy = layer.layer(handler(|_| pending()));
    let stack = layer.layer(handler(|_| async { answer_in_trailers(Code::Ok) }));
    let streams = [(); 2].map(|()| busy.call(request_of("ada", STREAM)));

    let refused = call(stack.clone(), request_of("ada", STREAM)).await;
    let status = Status::from_header_map(refused.headers()).expect("a refusal");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let details = status.get_error_details();
    let info = details.error_info().expect("a reason");
    assert_eq!(info.reason, "CALLER_HAS_TOO_MANY_CALLS");
    assert!(details.retry_info().is_some());

    for (name, path) in [("ada", PATH), ("ada", PROBE), ("grace", STREAM)] {
        let ended = code(stack.clone(), request_of(name, path)).await;
        assert_eq!(ended, Code::Ok, "{name} {path}");
    }
    drop(streams);
    assert_eq!(code(stack, request_of("ada", STREAM)).await, Code::Ok);
}

#[tokio::test]
async fn callers_are_forgotten_with_their_last_call() {
    let layer = CallerLimitLayer::new(1, 1);
    let mut stack = layer.layer(handler(|_| pending()));
    let calls: Vec<_> = (0..1000)
        .map(|number| stack.call(request_of(&format!("caller {number}"), PATH)))
        .collect();
    assert_eq!(layer.running.lock().len(), 1000);
    drop(calls);
    assert_eq!(layer.running.lock().len(), 0);
}
