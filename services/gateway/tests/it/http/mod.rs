//! By HTTP/JSON: the same calls in another protocol.

mod bodies;
mod raw;

use std::net::SocketAddr;

use crate::support::{Running, start, start_alone};
use axum::body::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rstest::rstest;
use serde_json::{Value, json};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn send(
    http: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (Response<()>, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{http}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::<Bytes>::from(body.to_owned()));
    let request = request.expect("a request");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.expect("an answer");
    let (head, body) = answer.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    let value = serde_json::from_slice(&body).expect("each answer is JSON");
    (Response::from_parts(head, ()), value)
}

async fn get(running: &Running, path: &str) -> (Response<()>, Value) {
    send(running.http, Method::GET, path, &[], "").await
}

const JSON: (&str, &str) = ("content-type", "application/json");
const GRACE: &str = r#"{"name": "Grace", "email": "grace@example.org"}"#;

#[tokio::test]
async fn a_user_is_json() {
    let running = start().await;

    let (answer, user) = get(&running, "/v1/users/1").await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(user["name"], "Ada");
    assert_eq!(user["created_at"], "2023-11-14T22:13:20Z");
    assert_eq!(user["profile"]["city"], "London");
}

#[tokio::test]
async fn a_trace_of_the_caller_goes_on() {
    let running = start().await;
    let headers = [("traceparent", PARENT)];
    let (answer, _) = send(running.http, Method::GET, "/v1/users/1", &headers, "").await;
    let seen = running.seen.lock().unwrap()[0].clone();
    let authority = running.http.to_string();

    let spans = running.finish().await;

    assert_eq!(answer.headers()["x-trace-id"], &PARENT[3..35]);
    let server = &spans[2];
    assert_eq!(server.name, "tracewalk.gateway.v1.GatewayService/GetUser");
    assert_eq!(server.parent_span_id.to_string(), &PARENT[36..52]);
    let address = server
        .attributes
        .iter()
        .find(|a| a.key.as_str() == "server.address");
    assert!(authority.starts_with(&address.unwrap().value.to_string()));
    let traceparent = seen.get("traceparent").unwrap().to_str().unwrap();
    assert_eq!(&traceparent[3..35], &PARENT[3..35]);
}

#[tokio::test]
async fn a_new_user_is_created_and_says_where() {
    let running = start().await;

    let (answer, user) = send(running.http, Method::POST, "/v1/users", &[JSON], GRACE).await;

    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()["location"], "/v1/users/1");
    assert_eq!(user["name"], "Grace");
}

#[tokio::test]
async fn a_replayed_answer_is_ok_and_not_created() {
    let running = start().await;
    let headers = [JSON, ("idempotency-key", "k1")];

    let (answer, _) = send(running.http, Method::POST, "/v1/users", &headers, GRACE).await;

    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_error_has_its_details_and_its_trace() {
    let running = start().await;

    let (answer, body) = get(&running, "/v1/users/nobody").await;

    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let error = &body["error"];
    assert_eq!(error["code"], "NOT_FOUND");
    assert_eq!(
        error["trace_id"],
        answer.headers()["x-trace-id"].to_str().unwrap()
    );
    assert!(error["timestamp"].as_str().unwrap().ends_with('Z'));
    let info = &error["details"][0];
    assert_eq!(info["reason"], "USER_NOT_FOUND");
    assert_eq!(info["metadata"], json!({"user_id": "nobody"}));
}

#[tokio::test]
async fn a_wait_is_rounded_up_to_seconds() {
    let running = start().await;

    let (answer, body) = get(&running, "/v1/users/busy").await;

    assert_eq!(answer.headers()["retry-after"], "2");
    let details = body["error"]["details"].as_array().unwrap();
    assert!(details.iter().any(|detail| detail["retryDelay"] == "1.5s"));
}

#[tokio::test]
async fn without_a_user_service_the_answer_is_503() {
    let running = start_alone().await;

    let (answer, body) = get(&running, "/v1/users/1").await;

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["error"]["message"], "the user service is unavailable");
}

/// A detail of an error by the name of its type.
fn detail(said: &Value, name: &str) -> Value {
    let name = format!("type.googleapis.com/google.rpc.{name}");
    let mut details = said["error"]["details"].as_array().into_iter().flatten();
    let detail = details.find(|detail| detail["@type"] == name);
    detail.unwrap_or_else(|| panic!("{name}: {said}")).clone()
}

#[rstest]
#[case(Method::GET, "/", StatusCode::NOT_FOUND)]
#[case(Method::GET, "/v1/users/1/more", StatusCode::NOT_FOUND)]
#[case(Method::DELETE, "/v1/users/1", StatusCode::METHOD_NOT_ALLOWED)]
#[case(Method::GET, "/v1/users/%ff", StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn what_is_not_there_is_refused_in_json(
    #[case] method: Method,
    #[case] path: &str,
    #[case] expected: StatusCode,
) {
    let running = start().await;

    let headers = [("traceparent", PARENT)];
    let (answer, said) = send(running.http, method, path, &headers, "").await;

    assert_eq!(answer.status(), expected);
    assert!(said["error"]["code"].is_string(), "{said}");
    assert!(!detail(&said, "ErrorInfo")["metadata"].is_null(), "{said}");
    assert_eq!(detail(&said, "RequestInfo")["requestId"], PARENT[3..35]);
    assert_eq!(said["error"]["trace_id"], PARENT[3..35]);
}

#[tokio::test]
async fn a_method_that_is_not_there_says_which_are() {
    let running = start().await;
    let (answer, _) = send(running.http, Method::DELETE, "/v1/users/1", &[], "").await;
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
}
