use std::time::Duration;

use http::Request;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;
use tower::Layer;

use super::{RateLimitLayer, table::Table};
use crate::{
    server::principal::{Caller, Principal},
    testing::{answer_in_trailers, call, code, handler, request},
};

fn request_of(name: &str) -> Request<Body> {
    let mut request = request();
    request.extensions_mut().insert(Principal::new(name, []));
    request
}

#[tokio::test(start_paused = true)]
async fn each_caller_has_a_burst_and_a_rate_of_its_own() {
    let stack =
        RateLimitLayer::new(10, 3).layer(handler(|_| async { answer_in_trailers(Code::Ok) }));
    for _ in 0..3 {
        assert_eq!(code(stack.clone(), request_of("ada")).await, Code::Ok);
    }
    let refused = call(stack.clone(), request_of("ada")).await;
    let status = Status::from_header_map(refused.headers()).expect("a refusal");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let retry = status.get_details_retry_info().expect("RetryInfo");
    let wait = retry.retry_delay.expect("a delay");
    assert_eq!(wait, Duration::from_millis(100));
    assert_eq!(code(stack.clone(), request_of("grace")).await, Code::Ok);

    tokio::time::advance(wait).await;
    assert_eq!(code(stack.clone(), request_of("ada")).await, Code::Ok);
    let again = code(stack, request_of("ada")).await;
    assert_eq!(again, Code::ResourceExhausted);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_made_up_callers_do_not_fill_the_memory() {
    let table = Table::new(10, 1, 1000);
    let caller = |index| Caller::Known(format!("caller {index}").into());
    for index in 0..100_000 {
        let counted = table.count(caller(index));
        assert_eq!(counted.is_ok(), index < 1000, "{index}");
    }
    assert_eq!(table.callers(), 1000);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(
        table.count(caller(5000)).is_ok(),
        "those at rest are forgotten"
    );
    assert_eq!(table.callers(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_subject_with_two_tokens_and_one_network_of_ipv6_are_one_caller() {
    let stack =
        RateLimitLayer::new(1, 1).layer(handler(|_| async { answer_in_trailers(Code::Ok) }));
    for (scopes, expected) in [("read write", Code::Ok), ("read", Code::ResourceExhausted)] {
        let mut request = request();
        let scopes = scopes.split(' ').map(str::to_owned);
        request
            .extensions_mut()
            .insert(Principal::new("ada", scopes));
        assert_eq!(code(stack.clone(), request).await, expected);
    }
    let at = |address: &str| Caller::at(address.parse().expect("an address"));
    assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
    assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
    assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
}
