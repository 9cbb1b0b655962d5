//! Which claims of a token are accepted.

use serde_json::json;

use super::fixture::{Fixture, accepted, now, refused};
use crate::server::layers::authenticate::TokenRefusal;

#[tokio::test]
async fn claims_that_the_specifications_allow_are_accepted() {
    let fixture = Fixture::new();
    let now = now();
    let seconds = f64::from(u32::try_from(now).expect("before 2106"));
    let number = |claim, value: f64| fixture.with(claim, json!(value));
    let spaced = format!(
        " {{ \"iss\" :\"tracewalk\",\"aud\":\"gateway\",\"sub\":\"ad\\u0061\",\n\"exp\":{}e0 }} ",
        now + 600
    );
    let spaced = fixture.sign(r#"{ "kid":"edwards", "alg":"EdDSA" }"#, &spaced);
    let principal = fixture.verifier.verify(&spaced).expect("a good token");
    assert_eq!(principal.name(), "ada");
    let cases = [
        ("exp with a fraction", number("exp", seconds + 10.5)),
        ("exp just over", number("exp", seconds - 20.5)),
        ("nbf with a fraction", number("nbf", seconds + 20.5)),
        ("iat with a fraction", number("iat", seconds - 0.25)),
        ("nbf before 1970", number("nbf", -1.0)),
        ("no nbf", fixture.without("nbf")),
        ("no iat", fixture.without("iat")),
        (
            "other claims",
            fixture.with("client_id", json!({"any": "shape"})),
        ),
        ("aud as a list", fixture.with("aud", json!(["gateway"]))),
    ];
    accepted(&fixture, cases);
}

pub(super) const HEAD: &str = r#"{"alg":"EdDSA","kid":"edwards"}"#;

/// The claims of a good token without their braces.
pub(super) fn good_claims() -> String {
    let end = now() + 600;
    format!(r#""iss":"tracewalk","aud":"gateway","sub":"ada","exp":{end}"#)
}

#[tokio::test]
async fn claims_that_the_grammar_forbids_are_refused() {
    let fixture = Fixture::new();
    let body = good_claims();
    let with = |more: &str| fixture.sign(HEAD, &format!("{{{body},{more}}}"));
    let cases = [
        ("a subject twice", with(r#""sub":"root""#)),
        ("an end twice", with(r#""exp":4000000000"#)),
        ("an audience twice", with(r#""aud":"user""#)),
        ("claims that are a list", fixture.sign(HEAD, "[]")),
        ("claims that are not JSON", fixture.sign(HEAD, "\u{0}")),
        (
            "something after the claims",
            fixture.sign(HEAD, &format!("{{{body}}} x")),
        ),
    ];
    refused(&fixture, cases);
}

fn refused_for_claims(fixture: &Fixture, cases: impl IntoIterator<Item = (&'static str, String)>) {
    for (reason, token) in cases {
        let refused = fixture.verifier.verify(&token).expect_err(reason);
        assert_eq!(refused, TokenRefusal::BadClaims, "{reason}");
    }
}

#[tokio::test]
async fn times_that_are_missing_mistyped_or_wrong_are_refused() {
    let fixture = Fixture::new();
    let now = now();
    let seconds = f64::from(u32::try_from(now).expect("before 2106"));
    let cases = [
        ("expired", fixture.with("exp", json!(now - 60))),
        (
            "expired by a fraction",
            fixture.with("exp", json!(seconds - 30.5)),
        ),
        (
            "exp as a text",
            fixture.with("exp", json!((now + 600).to_string())),
        ),
        ("exp below zero", fixture.with("exp", json!(-1))),
        ("exp that is null", fixture.with("exp", json!(null))),
        ("exp beyond all numbers", fixture.with("exp", json!(1e300))),
        ("no exp", fixture.without("exp")),
        ("not valid yet", fixture.with("nbf", json!(now + 60))),
        (
            "not valid yet by a fraction",
            fixture.with("nbf", json!(seconds + 45.5)),
        ),
        ("nbf as a text", fixture.with("nbf", json!("0"))),
        ("nbf that is null", fixture.with("nbf", json!({}))),
        ("issued in the future", fixture.with("iat", json!(now + 60))),
    ];
    refused_for_claims(&fixture, cases);
}

#[tokio::test]
async fn names_that_are_missing_mistyped_or_wrong_are_refused() {
    let fixture = Fixture::new();
    let cases = [
        ("another issuer", fixture.with("iss", json!("evil"))),
        (
            "a list of issuers",
            fixture.with("iss", json!(["tracewalk"])),
        ),
        ("no issuer", fixture.without("iss")),
        ("another audience", fixture.with("aud", json!("user"))),
        (
            "other audiences",
            fixture.with("aud", json!(["user", "profile"])),
        ),
        ("no audience", fixture.without("aud")),
        ("no subject", fixture.without("sub")),
        ("an empty subject", fixture.with("sub", json!(""))),
        (
            "a subject of 256 bytes",
            fixture.with("sub", json!("a".repeat(256))),
        ),
        ("a subject that is a number", fixture.with("sub", json!(1))),
        (
            "scopes that are a list",
            fixture.with("scope", json!(["users:write"])),
        ),
    ];
    refused_for_claims(&fixture, cases);
}
