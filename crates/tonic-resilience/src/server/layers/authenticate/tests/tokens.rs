use ring::hmac;
use serde_json::{Value, json};

use super::fixture::{Fixture, base64url, claims, header, jwk, now, token_by, unsigned};
use crate::server::layers::authenticate::TokenRefusal;

#[tokio::test]
async fn a_good_token_names_its_subject_and_scopes() {
    let fixture = Fixture::new();
    let principal = fixture
        .verifier
        .verify(&fixture.good())
        .expect("a good token");
    assert_eq!(principal.name(), "ada");
    assert!(principal.has_scope("users:write"));
    assert!(!principal.has_scope("users"));

    let header = json!({"alg": "ES256", "kid": "p256"});
    let token = token_by(&fixture.p256, &header, &claims());
    assert!(fixture.verifier.verify(&token).is_ok());
    let list = fixture.with("aud", json!(["other", "gateway"]));
    assert!(fixture.verifier.verify(&list).is_ok());
}

fn accepted(fixture: &Fixture, cases: impl IntoIterator<Item = (&'static str, String)>) {
    for (reason, token) in cases {
        assert_eq!(fixture.verifier.verify(&token).err(), None, "{reason}");
    }
}

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

const HEAD: &str = r#"{"alg":"EdDSA","kid":"edwards"}"#;

/// The claims of a good token without their braces.
fn good_claims() -> String {
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
async fn encodings_that_the_grammar_forbids_are_refused() {
    let fixture = Fixture::new();
    let good = fixture.sign(HEAD, &format!("{{{}}}", good_claims()));
    assert_eq!(fixture.verifier.verify(&good).err(), None);
    let cases = [
        ("padding", good.replace('.', "=.")),
        ("a space before", format!(" {good}")),
        ("a space within", good.replacen('.', ". ", 1)),
        ("a line break at the end", format!("{good}\n")),
        (
            "the other alphabet",
            format!("{}+/", &good[..good.len() - 2]),
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

fn refused(fixture: &Fixture, cases: impl IntoIterator<Item = (&'static str, String)>) {
    for (reason, token) in cases {
        assert!(fixture.verifier.verify(&token).is_err(), "{reason}");
    }
}

fn head(algorithm: &str) -> Value {
    json!({"alg": algorithm, "typ": "JWT", "kid": "edwards"})
}

#[tokio::test]
async fn tokens_by_other_keys_are_refused() {
    let fixture = Fixture::new();
    let secret = hmac::Key::new(
        hmac::HMAC_SHA256,
        fixture.edwards.public_key_pem().as_bytes(),
    );
    let confused = unsigned(&head("HS256"), &claims());
    let signature = base64url(hmac::sign(&secret, confused.as_bytes()).as_ref());
    let by = |pair, header: &Value| token_by(pair, header, &claims());
    let mut brings_its_key = header("edwards");
    brings_its_key["jwk"] = jwk(&fixture.stranger, "edwards");
    let other_family = json!({"alg": "ES256", "kid": "edwards"});
    let cases = [
        (
            "signed with the public key as a secret",
            format!("{confused}.{signature}"),
        ),
        ("another key", by(&fixture.stranger, &header("edwards"))),
        (
            "a key in the header",
            by(&fixture.stranger, &brings_its_key),
        ),
        (
            "the key of another family",
            by(&fixture.p256, &other_family),
        ),
        (
            "another algorithm for a good signature",
            by(&fixture.edwards, &other_family),
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

#[tokio::test]
async fn damaged_tokens_are_refused() {
    let fixture = Fixture::new();
    let good = fixture.good();
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let other = unsigned(&head("EdDSA"), &json!({"sub": "root"}));
    let cases = [
        ("an empty signature", format!("{signed}.")),
        ("no signature", signed.to_owned()),
        ("half a signature", format!("{signed}.{}", &signature[..40])),
        (
            "other claims under the signature",
            format!("{other}.{signature}"),
        ),
        ("a fourth part", format!("{good}.x")),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("a megabyte", "x".repeat(1024 * 1024)),
        ("no Base64", "?.?.?".to_owned()),
    ];
    refused(&fixture, cases);
}
