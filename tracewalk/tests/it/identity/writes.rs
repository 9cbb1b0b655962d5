//! Who may write: tokens at both listeners of the gateway.

use http_body_util::Full;
use hyper::Request;
use proto::gateway::v1::CreateUserRequest;
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::chain::{Chain, unique};
use crate::support::{Answer, Span, new_user, request, run};

/// `POST /v1/users` with this `authorization`.
pub(crate) async fn post(chain: &Chain, authorization: Option<&str>) -> Answer {
    let listener = chain.gateway.address("http").await;
    let user = json!({ "name": "Ada", "email": unique() });
    let mut post = Request::post(format!("http://{listener}/v1/users"))
        .header("content-type", "application/json")
        .body(Full::from(user.to_string()))
        .expect("a well-formed request");
    if let Some(value) = authorization {
        let value = value.parse().expect("visible ASCII");
        post.headers_mut().insert("authorization", value);
    }
    request(post).await
}

#[tokio::test]
async fn reads_are_anonymous_and_writes_need_a_token_with_the_scope() {
    let chain = Chain::start().await;
    let bearer = |scope| format!("Bearer {}", chain.token(scope));
    let (may, may_not) = (bearer("users:read users:write"), bearer("users:read"));
    for (authorization, read, write, status) in [
        (None, Code::Ok, Code::Unauthenticated, 401),
        (Some(&*may), Code::Ok, Code::Ok, 201),
        (Some(&*may_not), Code::Ok, Code::PermissionDenied, 403),
        (
            Some("Bearer x"),
            Code::Unauthenticated,
            Code::Unauthenticated,
            401,
        ),
        (
            Some("Basic eDp5"),
            Code::Unauthenticated,
            Code::Unauthenticated,
            401,
        ),
    ] {
        assert_eq!(chain.read(authorization).await, read, "{status}");
        assert_eq!(chain.write(authorization).await, write, "{status}");
        let answer = post(&chain, authorization).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    for reason in ["no_token", "no_scope", "malformed", "not_bearer"] {
        let refused = |span: &Span| span.attribute("tracewalk.auth_refusal") == reason;
        assert_eq!(chain.span(refused).await.service, "gateway");
    }
    // Nothing that was sent is to be found again, in no log of any level and in no span.
    let everything = chain.everything();
    for token in [may, may_not] {
        let parts = token.split(['.', ' ']).skip(2);
        for part in parts {
            assert!(
                !everything.contains(part),
                "a part of a token is in the output"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_by_http_challenges_its_caller() {
    let chain = Chain::start().await;
    let may_not = format!("Bearer {}", chain.token("users:read"));
    let scope = r#"Bearer realm="gateway", error="insufficient_scope", scope="users:write""#;
    for (authorization, challenge) in [
        (None, r#"Bearer realm="gateway""#),
        (
            Some("Bearer x"),
            r#"Bearer realm="gateway", error="invalid_token""#,
        ),
        (Some(&*may_not), scope),
    ] {
        let answer = post(&chain, authorization).await;
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn an_idempotency_key_is_of_its_caller() {
    let chain = Chain::start().await;
    let [ada, grace] = ["ada", "grace"].map(|subject| chain.token_of(subject, "users:write"));
    let create = async |token: &str, email: &str| {
        let user = Some(new_user(email));
        let mut request = tonic::Request::new(CreateUserRequest { user });
        let metadata = request.metadata_mut();
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        metadata.insert("idempotency-key", "key".parse().unwrap());
        let mut gateway = chain.caller().await.gateway;
        let answer = gateway.create_user(request).await;
        answer.map(|answer| answer.into_inner().replayed)
    };
    let email = unique();
    assert!(!create(&ada, &email).await.expect("a new user"));
    // With another body it is a new key, and with the same one it says no more than without a key.
    assert!(!create(&grace, &unique()).await.expect("a new user"));
    let taken = create(&chain.token_of("eve", "users:write"), &email).await;
    let status = taken.expect_err("the address is taken");
    let details = status.get_error_details();
    assert_eq!(details.error_info().expect("details").reason, "EMAIL_TAKEN");
    assert!(create(&ada, &email).await.expect("the first answer"));
    // Another token of the same subject.
    let later = chain.token_of("ada", "users:read users:write");
    assert!(create(&later, &email).await.expect("the first answer"));
}

#[tokio::test]
async fn an_import_is_a_write_and_a_lookup_is_not() {
    let chain = Chain::start().await;
    let mut caller = chain.caller().await;
    assert_eq!(
        caller.import(&[&unique()]).await.code,
        Code::Unauthenticated
    );
    assert_eq!(caller.lookup(&["1"]).await.code, Code::Ok);
    assert_eq!(caller.watch("1", 1).await.code, Code::Ok);
}

#[tokio::test]
async fn the_commands_send_the_token_of_a_flag_a_file_or_the_environment() {
    let chain = Chain::start().await;
    let gateway = chain.gateway.address("grpc").await.to_string();
    let token = chain.token("users:write");
    let file = chain.auth().join("token");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let file = file.to_str().unwrap();
    let create = ["call", "create", "--gateway", &gateway];
    for (flags, code) in [
        (&[][..], 1),
        (&["--token", &token], 0),
        (&["--token-file", file], 0),
        // The file wins.
        (&["--token", "stale", "--token-file", file], 0),
    ] {
        let output = run(&[&create[..], flags].concat()).await;
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
    let load = ["load", "--gateway", &gateway, "--rps", "20", "--json"];
    let more = [
        "--duration",
        "1s",
        "--mix",
        "create=1",
        "--token-file",
        file,
    ];
    let output = run(&[load, more].concat()).await;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["codes"], json!({ "OK": 20 }), "{report}");
}
