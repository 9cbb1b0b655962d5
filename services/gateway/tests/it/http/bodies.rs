//! Bodies that are refused.

use super::{GRACE, JSON, detail, send};
use crate::support::start;
use http::{Method, StatusCode};
use rstest::rstest;

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

#[tokio::test]
async fn a_body_beyond_the_limit_is_413() {
    let running = start().await;
    let long = format!(r#"{{"name": "{}", "email": "e@e"}}"#, "n".repeat(70_000));

    let (answer, said) = send(running.http, Method::POST, "/v1/users", &[JSON], &long).await;

    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said["error"]["code"].is_string());
}
