//! Tokens that were forged or damaged.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use dev_identity::TokenFolder;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SigningKey as _};
use ring::hmac;
use serde_json::{Value, json};

use crate::identity::chain::Chain;

type Case = (&'static str, String);

/// A forger who knows the public key and its id, and has seen a good token.
pub(super) struct Forger {
    kid: String,
    /// The real key: for claims that only its owner could sign.
    key: KeyPair,
    own: KeyPair,
    pub(super) seen: String,
}

impl Forger {
    pub(super) fn at(chain: &Chain) -> Self {
        let folder = TokenFolder::open(&chain.auth()).expect("its own files");
        let pem = folder.key().to_pem();
        Self {
            kid: folder.key().id().to_owned(),
            key: KeyPair::from_pem(pem).expect("a key"),
            own: KeyPair::generate_for(&PKCS_ED25519).expect("a key"),
            seen: chain.token("users:write"),
        }
    }

    pub(super) fn signatures(&self) -> Vec<Case> {
        let by = |key: &KeyPair, header: &Value| signed(header, &claims(), key);
        let header = self.head("EdDSA");
        let mut brings = header.clone();
        let x = base64url(self.own.public_key_raw());
        brings["jwk"] = json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": x });
        let mut links = header.clone();
        links["jku"] = json!("http://127.0.0.1:1/keys.json");
        links["x5u"] = json!("http://127.0.0.1:1/chain.pem");
        let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key_pem().as_bytes());
        let confused = unsigned(&self.head("HS256"), &claims());
        let by_public = base64url(hmac::sign(&secret, confused.as_bytes()).as_ref());
        vec![
            ("another key", by(&self.own, &header)),
            ("a key in the header", by(&self.own, &brings)),
            ("links to keys in the header", by(&self.own, &links)),
            ("another family", by(&p256, &self.head("ES256"))),
            ("another algorithm", by(&self.key, &self.head("ES256"))),
            (
                "the public key as a secret",
                format!("{confused}.{by_public}"),
            ),
        ]
    }

    fn head(&self, algorithm: &str) -> Value {
        json!({ "alg": algorithm, "typ": "JWT", "kid": self.kid })
    }

    pub(super) fn headers(&self) -> Vec<Case> {
        let with = |name: &str, value: Value| {
            let mut header = self.head("EdDSA");
            header[name] = value;
            signed(&header, &claims(), &self.key)
        };
        let none = |spelt| format!("{}.", unsigned(&self.head(spelt), &claims()));
        vec![
            ("no algorithm", none("none")),
            ("no algorithm, spelt otherwise", none("nOnE")),
            ("no key id", with("kid", Value::Null)),
            ("a path as key id", with("kid", json!("../../dev/null"))),
            ("SQL as key id", with("kid", json!("' OR 1=1 --"))),
            ("an unknown extension", with("crit", json!(["b64"]))),
        ]
    }

    /// Signed by the real key, with one claim that is another; `null` takes it away.
    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = claims();
        claims[name] = value;
        let members = claims.as_object_mut().expect("an object");
        members.retain(|_, value| !value.is_null());
        signed(&self.head("EdDSA"), &claims, &self.key)
    }

    pub(super) fn times(&self) -> Vec<Case> {
        let now = now();
        vec![
            ("expired", self.claim("exp", json!(now - 60))),
            (
                "an end as a text",
                self.claim("exp", json!((now + 600).to_string())),
            ),
            ("an end below zero", self.claim("exp", json!(-1))),
            ("an end beyond all numbers", self.claim("exp", json!(1e300))),
            ("no end", self.claim("exp", Value::Null)),
            ("not valid yet", self.claim("nbf", json!(now + 120))),
            ("a start as a text", self.claim("nbf", json!("0"))),
            ("issued in the future", self.claim("iat", json!(now + 120))),
        ]
    }

    pub(super) fn names(&self) -> Vec<Case> {
        vec![
            ("another issuer", self.claim("iss", json!("evil"))),
            (
                "another audience",
                self.claim("aud", json!(["user", "profile"])),
            ),
            ("no audience", self.claim("aud", Value::Null)),
            ("no subject", self.claim("sub", json!(""))),
            (
                "scopes as a list",
                self.claim("scope", json!(["users:write"])),
            ),
        ]
    }

    pub(super) fn damaged(&self) -> Vec<Case> {
        let (signed, signature) = self.seen.rsplit_once('.').expect("three parts");
        let other = unsigned(&self.head("EdDSA"), &claims());
        vec![
            ("no signature", signed.to_owned()),
            ("an empty signature", format!("{signed}.")),
            ("half a signature", format!("{signed}.{}", &signature[..40])),
            ("other claims", format!("{other}.{signature}")),
            ("a fourth part", format!("{}.x", self.seen)),
            ("dots", "..".to_owned()),
        ]
    }
}

/// Seconds since the Unix epoch.
fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.expect("after 1970").as_secs()
}

fn claims() -> Value {
    let now = now();
    json!({
        "iss": "tracewalk", "aud": "gateway", "sub": "root", "scope": "users:write",
        "iat": now, "nbf": now, "exp": now + 600,
    })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
    format!("{header}.{claims}")
}

fn signed(header: &Value, claims: &Value, key: &KeyPair) -> String {
    let signed = unsigned(header, claims);
    let signature = key.sign(signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", base64url(&signature))
}

fn base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}
