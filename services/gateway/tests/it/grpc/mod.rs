//! By gRPC: each rpc goes on to the user service, and its answer comes back.

mod streams;

use crate::support::{ada, start, start_alone};
use opentelemetry_sdk::trace::SpanData;
use proto::{
    gateway::v1::{CreateUserRequest, GetUserRequest},
    user::v1::NewUser,
};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

fn get(user_id: &str) -> GetUserRequest {
    GetUserRequest {
        user_id: user_id.to_owned(),
    }
}

fn new_user() -> NewUser {
    NewUser {
        name: "Grace".to_owned(),
        email: "grace@example.org".to_owned(),
        ..NewUser::default()
    }
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().expect("each error carries ErrorInfo");
    info.reason.clone()
}

#[tokio::test]
async fn a_user_comes_back_as_the_user_service_sent_it() {
    let mut running = start().await;

    let answer = running
        .client
        .get_user(get("1"))
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answer.user, Some(ada()));
    assert!(!answer.degraded);
}

#[tokio::test]
async fn the_answer_names_the_trace_of_its_spans() {
    let mut running = start().await;
    let answer = running.client.get_user(get("1")).await.unwrap();
    let announced = answer
        .metadata()
        .get("x-trace-id")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();

    let spans = running.finish().await;

    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    let attempt = "Attempt tracewalk.user.v1.UserService/GetUser";
    let client = "tracewalk.user.v1.UserService/GetUser";
    let server = "tracewalk.gateway.v1.GatewayService/GetUser";
    assert_eq!(
        names,
        [attempt, client, server],
        "the attempt, the call, the call served"
    );
    let trace_ids = spans.iter().map(|span| span.span_context.trace_id());
    assert!(trace_ids.map(|id| id.to_string()).all(|id| id == announced));
    for (below, above) in spans.iter().zip(&spans[1..]) {
        assert_eq!(below.parent_span_id, above.span_context.span_id());
    }
}

#[tokio::test]
async fn the_user_service_is_told_the_trace() {
    let mut running = start().await;
    running.client.get_user(get("1")).await.unwrap();
    let seen = running.seen.lock().unwrap()[0].clone();

    let spans = running.finish().await;

    let context = &spans[0].span_context;
    let expected = format!("00-{}-{}-", context.trace_id(), context.span_id());
    let traceparent = seen.get("traceparent").unwrap().to_str().unwrap();
    assert!(traceparent.starts_with(&expected), "{traceparent}");
}

#[tokio::test]
async fn a_refusal_goes_on_with_its_details() {
    let mut running = start().await;

    let status = running.client.get_user(get("nobody")).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason(&status), "USER_NOT_FOUND");
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().metadata["user_id"], "nobody");
}

#[tokio::test]
async fn a_failure_inside_says_nothing_of_the_inside() {
    let mut running = start().await;

    let status = running.client.get_user(get("broken")).await.unwrap_err();

    assert_eq!(status.code(), Code::Internal);
    assert_eq!(status.message(), "the user service failed");
    assert_eq!(reason(&status), "HOP_FAILED");
}

#[tokio::test]
async fn without_a_user_service_the_answer_is_unavailable() {
    let mut running = start_alone().await;

    let status = running.client.get_user(get("1")).await.unwrap_err();

    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "HOP_UNAVAILABLE");
    assert!(status.get_error_details().retry_info().is_some());
}

#[tokio::test]
async fn the_idempotency_key_goes_on_and_nothing_else_does() {
    let mut running = start().await;
    let mut request = Request::new(CreateUserRequest {
        user: Some(new_user()),
    });
    request
        .metadata_mut()
        .insert("idempotency-key", "k1".parse().unwrap());
    request
        .metadata_mut()
        .insert("x-other", "1".parse().unwrap());

    let answer = running
        .client
        .create_user(request)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answer.user.unwrap().name, "Grace");
    assert!(answer.replayed);
    let seen = running.seen.lock().unwrap()[0].clone();
    let key = seen.get("idempotency-key").unwrap();
    assert_eq!(key.len(), 64, "a hash with the name of the caller");
    assert!(!seen.contains_key("x-other"));
}

/// `rpc.response.status_code` of a span.
fn code(span: &SpanData) -> String {
    let mut attributes = span.attributes.iter();
    let code = attributes.find(|attribute| attribute.key.as_str() == "rpc.response.status_code");
    code.expect("each RPC span has one").value.to_string()
}
