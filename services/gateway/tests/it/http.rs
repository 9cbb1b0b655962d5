//! By HTTP/JSON: the same calls in another protocol.

use std::net::SocketAddr;

use crate::support::{Running, start, start_alone, start_with};
use axum::body::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

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

#[rstest]
#[case("not JSON")]
#[case("[]")]
#[case(r#"["Grace", "grace@example.org", "", ""]"#)]
#[case(r#"{"name": "no e-mail"}"#)]
#[case(r#"{"name": "n", "email": "e@e", "admin": true}"#)]
#[case(r#"{"name": "n", "email": ""}"#)]
#[tokio::test]
async fn a_bad_body_is_refused_in_json(#[case] body: &str) {
    let running = start().await;

    let (answer, said) = send(running.http, Method::POST, "/v1/users", &[JSON], body).await;

    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{said}");
    assert_eq!(said["error"]["code"], "INVALID_ARGUMENT");
    assert!(!said["error"]["message"].as_str().unwrap().is_empty());
    let trace_id = said["error"]["trace_id"].clone();
    assert_eq!(trace_id.as_str().map(str::len), Some(32), "{said}");
    assert_eq!(detail(&said, "RequestInfo")["requestId"], trace_id);
    assert_eq!(detail(&said, "ErrorInfo")["domain"], "tracewalk");
}

#[rstest]
#[case(r#"{"name": "no e-mail"}"#, "user.email")]
#[case(r#"{"name": "n", "email": "e@e", "admin": true}"#, "user.admin")]
#[case(r#"{"name": 1, "email": "e@e"}"#, "user.name")]
#[case(r#"{"name": "n", "name": "m", "email": "e@e"}"#, "user.name")]
#[case(r#"{"name": "n", "email": "e@e", "bio": []}"#, "user.bio")]
#[tokio::test]
async fn a_body_of_another_shape_names_the_field(#[case] body: &str, #[case] field: &str) {
    let running = start().await;

    let (_, said) = send(running.http, Method::POST, "/v1/users", &[JSON], body).await;

    let violation = &detail(&said, "BadRequest")["fieldViolations"][0];
    assert_eq!(violation["field"], field, "{said}");
}

/// A detail of an error by the name of its type.
fn detail(said: &Value, name: &str) -> Value {
    let name = format!("type.googleapis.com/google.rpc.{name}");
    let mut details = said["error"]["details"].as_array().into_iter().flatten();
    let detail = details.find(|detail| detail["@type"] == name);
    detail.unwrap_or_else(|| panic!("{name}: {said}")).clone()
}

#[tokio::test]
async fn a_body_that_does_not_say_that_it_is_json_is_415() {
    let running = start().await;

    let (answer, said) = send(running.http, Method::POST, "/v1/users", &[], GRACE).await;

    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(said["error"]["code"], "INVALID_ARGUMENT");
}

#[tokio::test]
async fn a_compressed_body_is_415_and_told_what_is_read() {
    let running = start().await;
    let gzip = [JSON, ("content-encoding", "gzip")];

    let (answer, said) = send(running.http, Method::POST, "/v1/users", &gzip, GRACE).await;

    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.headers()["accept-encoding"], "identity");
    let reason = &detail(&said, "ErrorInfo")["reason"];
    assert_eq!(reason, "UNSUPPORTED_ENCODING");
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
async fn a_body_beyond_the_limit_is_413() {
    let running = start().await;
    let long = format!(r#"{{"name": "{}", "email": "e@e"}}"#, "n".repeat(70_000));

    let (answer, said) = send(running.http, Method::POST, "/v1/users", &[JSON], &long).await;

    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said["error"]["code"].is_string());
}

/// Sends bytes from an address, and reads to the end of the connection.
async fn raw(http: SocketAddr, from: &str, request: &str) -> String {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(from.parse().expect("an address"))
        .expect("it is ours");
    let stream = socket.connect(http).await.expect("a listener");
    said(stream, request).await
}

async fn said(mut stream: TcpStream, request: &str) -> String {
    stream
        .write_all(request.as_bytes())
        .await
        .expect("an open connection");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("text");
    said
}

const GET: &str = "GET /v1/users/1 HTTP/1.1\r\nconnection: close\r\n";

// Elsewhere there is one loopback address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn each_address_has_a_rate_of_its_own() {
    let running = start_with(|config| config.rate_limit = 1).await;
    let request = format!("{GET}host: a\r\nx-forwarded-for: 1.2.3.4\r\n\r\n");
    for (from, expected) in [
        ("127.0.0.1:0", "200"),
        ("127.0.0.1:0", "429"),
        ("127.0.0.2:0", "200"),
    ] {
        let said = raw(running.http, from, &request).await;
        assert!(
            said.starts_with(&format!("HTTP/1.1 {expected}")),
            "{from}: {said}"
        );
    }
}

#[rstest]
#[case("")]
#[case("host: a\r\nhost: b\r\n")]
#[case("host: a b\r\n")]
#[tokio::test]
async fn a_request_without_one_valid_host_is_refused_in_json(#[case] hosts: &str) {
    let running = start().await;
    let said = raw(running.http, "127.0.0.1:0", &format!("{GET}{hosts}\r\n")).await;
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");
    assert!(said.contains("\"reason\":\"INVALID_HOST\""), "{said}");
}

#[tokio::test]
async fn a_body_that_never_comes_is_408() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.http).await.expect("a listener");
    let head = "POST /v1/users HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
        content-length: 50\r\n\r\n{";
    stream
        .write_all(head.as_bytes())
        .await
        .expect("an open connection");
    // Time stands still but for what is waited for.
    tokio::time::pause();
    let said = said(stream, "").await;
    tokio::time::resume();
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("\"code\":\"DEADLINE_EXCEEDED\""), "{said}");
}

#[tokio::test]
async fn a_method_that_is_not_there_says_which_are() {
    let running = start().await;
    let (answer, _) = send(running.http, Method::DELETE, "/v1/users/1", &[], "").await;
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
}
