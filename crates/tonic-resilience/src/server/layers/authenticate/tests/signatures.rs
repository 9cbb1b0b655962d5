//! Which signatures are accepted, and which encodings of a token.

use ring::hmac;
use serde_json::{Value, json};

use super::{
    claims::{HEAD, good_claims},
    fixture::{Fixture, base64url, claims, head, header, jwk, refused, token_by, unsigned},
};

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
