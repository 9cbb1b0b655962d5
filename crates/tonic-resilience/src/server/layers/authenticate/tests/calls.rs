use std::time::Duration;

use http::{HeaderValue, Request};
use serde_json::json;
use tempfile::TempDir;
use tonic::{Code, body::Body};
use tower::Layer;

use super::fixture::{Fixture, claims, header, jwk, token_by};
use crate::{
    server::{
        layers::authenticate::{AuthenticateLayer, TokenVerifier},
        principal::Principal,
    },
    stack::Stack,
    testing::{PATH, answer_in_headers, backend::eventually, call, code, handler, request},
};

fn gateway(fixture: &Fixture) -> impl Stack<ResponseBody = Body> {
    let layer = AuthenticateLayer::new(fixture.verifier.clone()).require("users:write", &PATH[1..]);
    layer.layer(handler(|request| async move {
        assert!(request.headers().get("authorization").is_none());
        let known = request.extensions().get::<Principal>().is_some();
        answer_in_headers(if known { Code::Ok } else { Code::NotFound })
    }))
}

fn call_of(path: &'static str, authorization: &str) -> Request<Body> {
    let mut request = request();
    *request.uri_mut() = http::Uri::from_static(path);
    if !authorization.is_empty() {
        let value = HeaderValue::from_str(authorization).expect("visible ASCII");
        request.headers_mut().insert("authorization", value);
    }
    request
}

#[tokio::test]
async fn anonymous_may_read_and_scopes_are_asked_for() {
    const READ: &str = "/tracewalk.user.v1.UserService/ReadUser";
    let fixture = Fixture::new();
    let good = format!("Bearer {}", fixture.good());
    let lower = format!("bearer   {}", fixture.good());
    let no_scope = format!("Bearer {}", fixture.with("scope", json!("users:read")));
    let cases = [
        (READ, String::new(), Code::NotFound),
        (READ, good.clone(), Code::Ok),
        (READ, lower, Code::Ok),
        (READ, "Bearer forged".to_owned(), Code::Unauthenticated),
        (READ, "Basic YTpi".to_owned(), Code::Unauthenticated),
        (PATH, String::new(), Code::Unauthenticated),
        (PATH, no_scope, Code::PermissionDenied),
        (PATH, good.clone(), Code::Ok),
    ];
    for (path, authorization, expected) in cases {
        let answer = code(gateway(&fixture), call_of(path, &authorization)).await;
        assert_eq!(answer, expected, "{path} {authorization}");
    }
    let mut twice = call_of(READ, &good);
    let second = twice.headers()["authorization"].clone();
    twice.headers_mut().append("authorization", second);
    assert_eq!(code(gateway(&fixture), twice).await, Code::Unauthenticated);
}

#[tokio::test]
async fn a_refusal_challenges_the_caller() {
    const READ: &str = "/tracewalk.user.v1.UserService/ReadUser";
    let fixture = Fixture::new();
    let no_scope = format!("Bearer {}", fixture.with("scope", json!("users:read")));
    let none = r#"Bearer realm="gateway""#;
    let invalid = r#"Bearer realm="gateway", error="invalid_token""#;
    let scope = r#"Bearer realm="gateway", error="insufficient_scope", scope="users:write""#;
    for (path, authorization, expected) in [
        (PATH, "", none),
        (PATH, "Basic YTpi", none),
        (READ, "Bearer forged", invalid),
        (READ, "Bearer", none),
        (PATH, &no_scope, scope),
    ] {
        let answer = call(gateway(&fixture), call_of(path, authorization)).await;
        assert_eq!(
            answer.headers()["www-authenticate"],
            expected,
            "{authorization}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_key_file_is_read_again_and_a_wrong_one_is_not_used() {
    let fixture = Fixture::new();
    let good = fixture.good();
    std::fs::write(&fixture.file, "{").expect("a file");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(fixture.verifier.verify(&good).is_ok(), "the old keys stay");

    let keys = [jwk(&fixture.stranger, "edwards")];
    std::fs::write(&fixture.file, json!({ "keys": keys }).to_string()).expect("a file");
    eventually("the old key is gone", async || {
        fixture.verifier.verify(&good).is_err()
    })
    .await;
    let token = token_by(&fixture.stranger, &header("edwards"), &claims());
    assert!(fixture.verifier.verify(&token).is_ok());
}

#[tokio::test]
async fn development_tokens_are_accepted() {
    let key = dev_identity::TokenKey::generate().expect("a key");
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("keys.json");
    std::fs::write(&file, key.to_jwk_set()).expect("a file");
    let verifier = TokenVerifier::load(file, "tracewalk", "gateway").expect("a good file");
    let again = dev_identity::TokenKey::from_pem(key.to_pem()).expect("its own text");
    let hour = Duration::from_secs(60 * 60);
    let token = again.issue("tracewalk", "gateway", "ada", &["users:write"], hour);
    let principal = verifier
        .verify(&token.expect("a token"))
        .expect("a good token");
    assert!(principal.has_scope("users:write"));
}
