//! Which headers of a token are accepted.

use serde_json::{Value, json};

use super::{
    claims::good_claims,
    fixture::{Fixture, accepted, claims, head, header, refused, unsigned},
};

#[tokio::test]
async fn headers_that_the_specifications_allow_are_accepted() {
    let fixture = Fixture::new();
    let with = |name: &str, value: Value| {
        let mut header = header("edwards");
        header[name] = value;
        fixture.token(&header, &claims())
    };
    let untyped = json!({"alg": "EdDSA", "kid": "edwards"});
    let cases = [
        ("no typ", fixture.token(&untyped, &claims())),
        ("typ in small letters", with("typ", json!("jwt"))),
        ("typ of RFC 9068", with("typ", json!("at+jwt"))),
        (
            "typ as a media type",
            with("typ", json!("application/AT+JWT")),
        ),
        ("cty", with("cty", json!("example"))),
        ("an unknown header", with("x", json!("not critical"))),
        ("b64 of true", with("b64", json!(true))),
    ];
    accepted(&fixture, cases);
}

#[tokio::test]
async fn headers_that_the_grammar_forbids_are_refused() {
    let fixture = Fixture::new();
    let claims = format!("{{{}}}", good_claims());
    let with = |more: &str| {
        let head = format!(r#"{{"alg":"EdDSA","kid":"edwards",{more}}}"#);
        fixture.sign(&head, &claims)
    };
    let cases = [
        ("a header twice", with(r#""alg":"EdDSA""#)),
        ("b64 of false", with(r#""b64":false"#)),
        ("crit that is empty", with(r#""crit":[]"#)),
        ("crit that is a text", with(r#""crit":"exp""#)),
        ("another type", with(r#""typ":"logout+jwt""#)),
        (
            "alg in small letters",
            fixture.sign(r#"{"alg":"eddsa","kid":"edwards"}"#, &claims),
        ),
        (
            "a kid that is a number",
            fixture.sign(r#"{"alg":"EdDSA","kid":7}"#, &claims),
        ),
    ];
    refused(&fixture, cases);
}

#[tokio::test]
async fn tokens_with_strange_headers_are_refused() {
    let fixture = Fixture::new();
    let mut critical = header("edwards");
    critical["crit"] = json!(["exp"]);
    let by_header = |header: &Value| fixture.token(header, &claims());
    let cases = [
        (
            "no algorithm",
            format!("{}.", unsigned(&head("none"), &claims())),
        ),
        (
            "no algorithm, spelt otherwise",
            format!("{}.", unsigned(&head("nOnE"), &claims())),
        ),
        ("an extension that must be understood", by_header(&critical)),
        ("no kid", by_header(&json!({"alg": "EdDSA"}))),
        (
            "a kid that is a path",
            by_header(&header("../../etc/passwd")),
        ),
        ("a kid that is SQL", by_header(&header("' OR 1=1 --"))),
    ];
    refused(&fixture, cases);
}
