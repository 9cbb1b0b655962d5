use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SigningKey as _};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::layers::authenticate::TokenVerifier;

/// Two keys that are in the file, one that is not, and a verifier of the file.
pub(super) struct Fixture {
    pub(super) edwards: KeyPair,
    pub(super) p256: KeyPair,
    pub(super) stranger: KeyPair,
    pub(super) verifier: TokenVerifier,
    pub(super) file: PathBuf,
    _folder: TempDir,
}

/// The public half of a key.
pub(super) fn jwk(pair: &KeyPair, kid: &str) -> Value {
    if pair.is_compatible(&PKCS_ED25519) {
        let x = base64url(pair.public_key_raw());
        return json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": x});
    }
    let (x, y) = pair.public_key_raw()[1..].split_at(32);
    let [x, y] = [x, y].map(base64url);
    json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": kid, "x": x, "y": y})
}

/// A token by this key, whatever its header says.
pub(super) fn token_by(pair: &KeyPair, header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let signature = base64url(&sign(pair, signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn sign(pair: &KeyPair, message: &[u8]) -> Vec<u8> {
    if pair.is_compatible(&PKCS_ED25519) {
        return pair.sign(message).expect("a signature");
    }
    let (der, random) = (pair.serialize_der(), SystemRandom::new());
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random);
    let signature = pair.expect("a key").sign(&random, message);
    signature.expect("a signature").as_ref().to_vec()
}

impl Fixture {
    pub(super) fn new() -> Self {
        let edwards = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let stranger = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let keys = [jwk(&edwards, "edwards"), jwk(&p256, "p256")];
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("keys.json");
        std::fs::write(&file, json!({ "keys": keys }).to_string()).expect("a file");
        let verifier = TokenVerifier::load(file.clone(), "tracewalk", "gateway");
        Self {
            edwards,
            p256,
            stranger,
            verifier: verifier.expect("a good file"),
            file,
            _folder: folder,
        }
    }

    /// A token signed with the first key.
    pub(super) fn token(&self, header: &Value, claims: &Value) -> String {
        token_by(&self.edwards, header, claims)
    }

    /// Signs a header and claims that are given as text.
    pub(super) fn sign(&self, header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| base64url(part.as_bytes()));
        let signed = format!("{header}.{claims}");
        let signature = base64url(&sign(&self.edwards, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    pub(super) fn good(&self) -> String {
        self.token(&header("edwards"), &claims())
    }

    pub(super) fn with(&self, claim: &str, value: Value) -> String {
        let mut claims = claims();
        claims[claim] = value;
        self.token(&header("edwards"), &claims)
    }

    pub(super) fn without(&self, claim: &str) -> String {
        let mut claims = claims();
        claims.as_object_mut().expect("an object").remove(claim);
        self.token(&header("edwards"), &claims)
    }
}

/// A token of each of these cases is accepted.
pub(super) fn accepted(fixture: &Fixture, cases: impl IntoIterator<Item = (&'static str, String)>) {
    for (reason, token) in cases {
        assert_eq!(fixture.verifier.verify(&token).err(), None, "{reason}");
    }
}

/// A token of each of these cases is refused.
pub(super) fn refused(fixture: &Fixture, cases: impl IntoIterator<Item = (&'static str, String)>) {
    for (reason, token) in cases {
        assert!(fixture.verifier.verify(&token).is_err(), "{reason}");
    }
}

pub(super) fn header(kid: &str) -> Value {
    json!({"typ": "JWT", "alg": "EdDSA", "kid": kid})
}

/// Seconds since the Unix epoch.
pub(super) fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.expect("after 1970").as_secs()
}

pub(super) fn claims() -> Value {
    let now = now();
    json!({
        "iss": "tracewalk", "aud": "gateway", "sub": "ada", "scope": "users:read users:write",
        "iat": now, "nbf": now, "exp": now + 600,
    })
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}

pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
    format!("{header}.{claims}")
}

pub(super) fn head(algorithm: &str) -> Value {
    json!({"alg": algorithm, "typ": "JWT", "kid": "edwards"})
}
