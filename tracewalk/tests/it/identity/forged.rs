//! Tokens that are forged or damaged, at both listeners of the gateway; none is accepted.

use dev_identity::TokenFolder;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, encode, get_current_timestamp, jwk::Jwk,
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use ring::hmac;
use serde_json::{Value, json};
use tonic::Code;

use super::{chain::Chain, writes::post};

type Case = (&'static str, String);

/// A forger who knows the public key and its id, and has seen a good token.
struct Forger {
    kid: String,
    /// The real key: for claims that only its owner could sign.
    key: EncodingKey,
    public: String,
    own: KeyPair,
    seen: String,
}

#[tokio::test]
async fn no_forged_or_damaged_token_is_believed() {
    let chain = Chain::start().await;
    let forger = Forger::at(&chain);
    let good = format!("Bearer {}", forger.seen);
    assert_eq!(chain.write(Some(&good)).await, Code::Ok);
    let cases = [
        forger.signatures(),
        forger.headers(),
        forger.times(),
        forger.names(),
        forger.damaged(),
    ];
    let cases = cases.concat();
    assert!(cases.len() >= 25, "{}", cases.len());
    for (reason, token) in &cases {
        is_refused(&chain, reason, token).await;
    }
    // Refused by its length, and beyond that by the limit of all headers together.
    let long = |length: usize| format!("Bearer {}", "x".repeat(length * 1024));
    assert_eq!(chain.write(Some(&long(9))).await, Code::Unauthenticated);
    for length in [32, 80, 1024] {
        let answer = chain.write(Some(&long(length))).await;
        assert!(answer != Code::Ok && answer != Code::Internal, "{answer:?}");
    }
    assert_eq!(
        chain.write(Some(&good)).await,
        Code::Ok,
        "the gateway lives"
    );
    let everything = chain.everything();
    for (reason, token) in cases.iter().filter(|(_, token)| token.len() > 40) {
        assert!(
            !everything.contains(token.as_str()),
            "{reason} is in the output"
        );
    }
}

/// By both listeners, for a write and for a read that would be open to all.
async fn is_refused(chain: &Chain, reason: &str, token: &str) {
    let authorization = format!("Bearer {token}");
    let answer = chain.write(Some(&authorization)).await;
    assert_eq!(answer, Code::Unauthenticated, "{reason}");
    let answer = chain.read(Some(&authorization)).await;
    assert_eq!(answer, Code::Unauthenticated, "{reason}, a read");
    let answer = post(chain, Some(&authorization)).await;
    assert_eq!(answer.status, 401, "{reason}: {}", answer.body);
}

impl Forger {
    fn at(chain: &Chain) -> Self {
        let folder = TokenFolder::open(&chain.auth()).expect("its own files");
        let pem = folder.key().to_pem();
        let pair = KeyPair::from_pem(pem).expect("a key");
        Self {
            kid: folder.key().id().to_owned(),
            key: EncodingKey::from_ed_pem(pem.as_bytes()).expect("a key"),
            public: pair.public_key_pem(),
            own: KeyPair::generate_for(&PKCS_ED25519).expect("a key"),
            seen: chain.token("users:write"),
        }
    }

    fn header(&self, algorithm: Algorithm) -> Header {
        let mut header = Header::new(algorithm);
        header.kid = Some(self.kid.clone());
        header
    }

    fn signatures(&self) -> Vec<Case> {
        let header = self.header(Algorithm::EdDSA);
        let own = EncodingKey::from_ed_pem(self.own.serialize_pem().as_bytes()).expect("a key");
        let sign = |header: &Header, key| encode(header, &claims(), key).expect("a token");
        let mut brings = header.clone();
        let public = DecodingKey::from_ed_pem(self.own.public_key_pem().as_bytes());
        let jwk = Jwk::from_decoding_key(&public.expect("a key"), Some(Algorithm::EdDSA));
        brings.jwk = Some(jwk.expect("a JWK"));
        let mut links = header.clone();
        links.jku = Some("http://127.0.0.1:1/keys.json".to_owned());
        links.x5u = Some("http://127.0.0.1:1/chain.pem".to_owned());
        let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let p256 = EncodingKey::from_ec_pem(p256.serialize_pem().as_bytes()).expect("a key");
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.public.as_bytes());
        let confused = unsigned(&self.head("HS256"), &claims());
        let by_public = base64url(hmac::sign(&secret, confused.as_bytes()).as_ref());
        vec![
            ("another key", sign(&header, &own)),
            ("a key in the header", sign(&brings, &own)),
            ("links to keys in the header", sign(&links, &own)),
            (
                "another family",
                sign(&self.header(Algorithm::ES256), &p256),
            ),
            (
                "the public key as a secret",
                format!("{confused}.{by_public}"),
            ),
        ]
    }

    fn head(&self, algorithm: &str) -> Value {
        json!({ "alg": algorithm, "typ": "JWT", "kid": self.kid })
    }

    fn headers(&self) -> Vec<Case> {
        let with = |change: &dyn Fn(&mut Header)| {
            let mut header = self.header(Algorithm::EdDSA);
            change(&mut header);
            encode(&header, &claims(), &self.key).expect("a token")
        };
        let none = |spelt| format!("{}.", unsigned(&self.head(spelt), &claims()));
        vec![
            ("no algorithm", none("none")),
            ("no algorithm, spelt otherwise", none("nOnE")),
            ("no key id", with(&|it| it.kid = None)),
            (
                "a path as key id",
                with(&|it| it.kid = Some("../../dev/null".into())),
            ),
            (
                "SQL as key id",
                with(&|it| it.kid = Some("' OR 1=1 --".into())),
            ),
            (
                "an unknown extension",
                with(&|it| it.crit = Some(vec!["b64".into()])),
            ),
        ]
    }

    /// Signed by the real key, with one claim that is another; `null` takes it away.
    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = claims();
        claims[name] = value;
        let claims = claims.as_object_mut().expect("an object");
        claims.retain(|_, value| !value.is_null());
        encode(&self.header(Algorithm::EdDSA), claims, &self.key).expect("a token")
    }

    fn times(&self) -> Vec<Case> {
        let now = get_current_timestamp();
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

    fn names(&self) -> Vec<Case> {
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

    fn damaged(&self) -> Vec<Case> {
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

fn claims() -> Value {
    let now = get_current_timestamp();
    json!({
        "iss": "tracewalk", "aud": "gateway", "sub": "root", "scope": "users:write",
        "iat": now, "nbf": now, "exp": now + 600,
    })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
    format!("{header}.{claims}")
}

/// What encodes a part of a token; the crate keeps its own to itself.
fn base64url(bytes: &[u8]) -> String {
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
