use std::path::PathBuf;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, encode, get_current_timestamp,
    jwk::{Jwk, JwkSet},
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
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

pub(super) fn jwk(pair: &KeyPair, algorithm: Algorithm, kid: &str) -> Jwk {
    let pem = pair.public_key_pem();
    let public = match algorithm {
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem.as_bytes()),
        _ => DecodingKey::from_ec_pem(pem.as_bytes()),
    };
    let public = public.expect("a public key");
    let mut jwk = Jwk::from_decoding_key(&public, Some(algorithm)).expect("a JWK");
    jwk.common.key_id = Some(kid.to_owned());
    jwk
}

pub(super) fn key_of(pair: &KeyPair, algorithm: Algorithm) -> EncodingKey {
    let pem = pair.serialize_pem();
    match algorithm {
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        _ => EncodingKey::from_ec_pem(pem.as_bytes()),
    }
    .expect("a private key")
}

impl Fixture {
    pub(super) fn new() -> Self {
        let edwards = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let stranger = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let keys = vec![
            jwk(&edwards, Algorithm::EdDSA, "edwards"),
            jwk(&p256, Algorithm::ES256, "p256"),
        ];
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("keys.json");
        std::fs::write(&file, json!(JwkSet { keys }).to_string()).expect("a file");
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
    pub(super) fn token(&self, header: &Header, claims: &Value) -> String {
        let key = key_of(&self.edwards, Algorithm::EdDSA);
        encode(header, claims, &key).expect("a token")
    }

    /// Signs a header and claims that are given as text.
    pub(super) fn sign(&self, header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| base64url(part.as_bytes()));
        let signed = format!("{header}.{claims}");
        let key = key_of(&self.edwards, Algorithm::EdDSA);
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::EdDSA);
        format!("{signed}.{}", signature.expect("a signature"))
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

pub(super) fn header(kid: &str) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(kid.to_owned());
    header
}

pub(super) fn claims() -> Value {
    let now = get_current_timestamp();
    json!({
        "iss": "tracewalk", "aud": "gateway", "sub": "ada", "scope": "users:read users:write",
        "iat": now, "nbf": now, "exp": now + 600,
    })
}

/// Encodes a part of a token; `jsonwebtoken` does not export its own encoder.
pub(super) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
    format!("{header}.{claims}")
}
