use rstest::rstest;
use serde_json::{Value, json};

use super::fixture::{Fixture, base64url, jwk};
use crate::server::layers::authenticate::{TokenRefusal, TokenVerifier, keys::Keys};

/// What an identity provider may publish beside the keys that are meant here.
fn foreign() -> [Value; 12] {
    let x = base64url(&[7; 32]);
    [
        json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "rsa", "n": "sXch", "e": "AQAB"}),
        json!({"kty": "OKP", "crv": "Ed25519", "use": "enc", "kid": "enc", "x": x}),
        json!({"kty": "OKP", "crv": "Ed25519", "key_ops": ["sign"], "kid": "ops", "x": x}),
        json!({"kty": "OKP", "crv": "X25519", "kid": "x25519", "x": x}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "akp", "pub": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "alg": "ES256K", "kid": "k1", "x": x, "y": x}),
        json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "kid": "ecdh", "x": x, "y": x}),
        json!({"kty": "oct", "alg": "HS256", "kid": "oct", "k": "AA"}),
        json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x}),
        json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "short", "x": "AA"}),
        json!({"alg": "EdDSA", "kid": 7}),
        json!("no key"),
    ]
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_skipped() {
    let fixture = Fixture::new();
    let mut good = jwk(&fixture.edwards, "edwards");
    let mut keys = foreign().to_vec();
    keys.push(good.clone());
    // Its `kid` is taken.
    keys.push(jwk(&fixture.stranger, "edwards"));
    // This one too, but by a key of another type.
    keys.push(jwk(&fixture.p256, "edwards"));
    let load = |keys: &[Value]| {
        std::fs::write(&fixture.file, json!({ "keys": keys }).to_string()).expect("a file");
        TokenVerifier::load(fixture.file.clone(), "tracewalk", "gateway").expect("a good key")
    };
    assert!(load(&keys).verify(&fixture.good()).is_ok());
    // `alg` may be absent, as type and curve imply it, or have its newer name.
    for alg in [Value::Null, json!("Ed25519")] {
        good["alg"] = alg;
        assert!(load(&[good.clone()]).verify(&fixture.good()).is_ok());
    }
    good.as_object_mut().expect("an object").remove("alg");
    good["use"] = json!("sig");
    good["key_ops"] = json!(["verify"]);
    good["x5t"] = json!("other members are ignored");
    assert!(load(&[good]).verify(&fixture.good()).is_ok());
}

#[test]
fn each_of_them_is_skipped_by_itself() {
    for key in foreign() {
        let set = json!({ "keys": [key] }).to_string();
        let error = Keys::parse(set.as_bytes()).expect_err("no key that can be used");
        assert!(error.to_string().starts_with("none of its keys"), "{error}");
    }
}

#[rstest]
#[case("", "not a JSON Web Key set")]
#[case("[]", "not a JSON Web Key set")]
#[case(r#"{"keys":[]}"#, "no keys")]
#[case(
    r#"{"keys":[{"kty":"oct","alg":"HS256","kid":"a","k":"AA"}]}"#,
    "expected OKP, Ed25519 and EdDSA"
)]
#[case(r#"{"keys":[{"kid":"a"}]}"#, "missing field `kty`")]
fn a_wrong_key_file_says_what_is_wrong(#[case] text: &str, #[case] reason: &str) {
    let error = Keys::parse(text.as_bytes()).expect_err("a wrong file");
    assert!(error.to_string().contains(reason), "{error}");
}

/// The y of all points of small order, and of those that are written with a y of p or more.
const WEAK: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn an_edwards_key_of_small_order_is_refused_however_it_is_written() {
    for text in WEAK {
        for sign in [0, 0x80] {
            let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
            let mut point: Vec<u8> = (0..32).map(byte).collect();
            point[31] |= sign;
            let x = base64url(&point);
            let key = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "a", "x": x});
            let error = Keys::parse(json!({ "keys": [key] }).to_string().as_bytes());
            let error = error.expect_err("a weak key").to_string();
            assert!(error.contains("it is weak"), "{text} {sign}: {error}");
        }
    }
}

#[tokio::test]
async fn a_signature_that_anybody_can_write_verifies_with_no_key() {
    let fixture = Fixture::new();
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = json!({"kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": base64url(&identity)});
    let good = jwk(&fixture.edwards, "edwards");
    std::fs::write(&fixture.file, json!({ "keys": [weak, good] }).to_string()).expect("a file");
    let verifier = TokenVerifier::load(fixture.file.clone(), "tracewalk", "gateway");
    let header = json!({"alg": "EdDSA", "kid": "weak"});
    let signed = super::fixture::unsigned(&header, &super::fixture::claims());
    // R is the identity and S is zero.
    let signature = base64url(&[&identity[..], &[0; 32]].concat());
    let refusal = verifier
        .expect("a good key")
        .verify(&format!("{signed}.{signature}"));
    assert_eq!(refusal, Err(TokenRefusal::UnknownKey));
}

#[rstest]
#[case::zero([0; 32], [0; 32])]
#[case::not_on_the_curve([7; 32], [7; 32])]
#[case::beyond_the_field([0xff; 32], [0xff; 32])]
fn an_ec_key_that_is_no_point_is_refused(#[case] x: [u8; 32], #[case] y: [u8; 32]) {
    let [x, y] = [x, y].map(|number| base64url(&number));
    let key = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "a", "x": x, "y": y});
    let error = Keys::parse(json!({ "keys": [key] }).to_string().as_bytes());
    let error = error.expect_err("no point").to_string();
    assert!(error.contains("not a point"), "{error}");
}
