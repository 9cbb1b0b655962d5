//! One key of a JWK set, and whether it can be used.

use base64::{DecodeError, Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use ring::{
    agreement,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey, VerificationAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;

/// A key, with the one algorithm that it is for.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    key: UnparsedPublicKey<Vec<u8>>,
}

/// The algorithms that are allowed: [`EdDSA`][eddsa] on Ed25519, and [`ES256`][es256].
///
/// [eddsa]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
/// [es256]: https://www.rfc-editor.org/rfc/rfc7518#section-3.4
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    EdDsa,
    Es256,
}

impl Key {
    fn new(algorithm: Algorithm, point: Vec<u8>) -> Self {
        let verifier: &dyn VerificationAlgorithm = match algorithm {
            Algorithm::EdDsa => &ED25519,
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        };
        let key = UnparsedPublicKey::new(verifier, point);
        Self { algorithm, key }
    }

    /// Whether a token with this `alg` is for this key.
    pub(super) fn is_for(&self, alg: &str) -> bool {
        alg == match self.algorithm {
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Es256 => "ES256",
        }
    }

    /// Whether the signature is by this key, whatever the token says of algorithms.
    pub(super) fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        self.key.verify(message.as_bytes(), signature).is_ok()
    }
}

/// The members that matter here; others may be there.
///
/// Spec: [RFC 7517, 4](https://www.rfc-editor.org/rfc/rfc7517#section-4).
#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    kty: String,
    crv: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

/// Why a key is skipped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is not a JSON Web Key")]
    Json(#[from] serde_json::Error),
    #[error("it has no `kid`")]
    NoId,
    #[error("its `kid` is that of another key")]
    SameId,
    #[error("its `use` or `key_ops` is not to verify signatures")]
    Purpose,
    #[error(
        "its `kty`, `crv` and `alg` are {0}, expected OKP, Ed25519 and EdDSA, or EC, P-256 and ES256"
    )]
    Algorithm(String),
    #[error("its numbers are damaged")]
    Damaged(#[from] DecodeError),
    #[error("its numbers are not a point on the curve")]
    NoPoint,
    #[error("it is weak: others can forge signatures that it verifies")]
    Weak,
}

/// A key and its id.
pub(super) fn read(jwk: &Value) -> Result<(String, Key), Unusable> {
    let jwk = Jwk::deserialize(jwk)?;
    let is_other = |purpose: &String| purpose != "sig";
    let cannot_verify = |operations: &Vec<String>| !operations.iter().any(|it| it == "verify");
    if jwk.purpose.as_ref().is_some_and(is_other) || jwk.key_ops.as_ref().is_some_and(cannot_verify)
    {
        return Err(Unusable::Purpose);
    }
    let key = match jwk.names() {
        // RFC 9864 calls EdDSA by the name of its curve.
        ("OKP", "Ed25519", "" | "EdDSA" | "Ed25519") => {
            Key::new(Algorithm::EdDsa, ed25519(&jwk.x)?)
        }
        ("EC", "P-256", "" | "ES256") => Key::new(Algorithm::Es256, p256(&jwk.x, &jwk.y)?),
        (kty, crv, alg) => {
            return Err(Unusable::Algorithm(format!("{kty:?}, {crv:?} and {alg:?}")));
        }
    };
    Ok((jwk.kid.ok_or(Unusable::NoId)?, key))
}

impl Jwk {
    /// `kty`, `crv` and `alg`; the last may be absent, as the first two say the same.
    fn names(&self) -> (&str, &str, &str) {
        let or_none = |name| Option::as_deref(name).unwrap_or_default();
        (&self.kty, or_none(&self.crv), or_none(&self.alg))
    }
}

fn ed25519(x: &str) -> Result<Vec<u8>, Unusable> {
    let point = BASE64URL.decode(x)?;
    if is_weak(point[..].try_into().map_err(|_| Unusable::NoPoint)?) {
        return Err(Unusable::Weak);
    }
    Ok(point)
}

/// Whether an Ed25519 point is one of the eight of small order, or not written as the specification
/// says.
///
/// With a key of small order anybody can write signatures that verify, for one message in eight at
/// least, and `ring` takes such keys. A point is its y and the sign of x. The eight points have five
/// y between them (0, 1, p - 1 and two more), which are looked for without the sign; a y of p or
/// more is another way to write a smaller one.
///
/// Spec: [RFC 8032, 5.1](https://www.rfc-editor.org/rfc/rfc8032#section-5.1); the points:
/// [Taming the many EdDSAs, table 1](https://eprint.iacr.org/2020/1244).
fn is_weak(point: &[u8; 32]) -> bool {
    const ORDER_8: [[u8; 32]; 2] = [
        *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\
           \xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\
           \x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    ];
    let mut y = *point;
    // The highest bit is the sign of x.
    y[31] &= 0x7f;
    let is_small = y[0] <= 1 && y[1..].iter().all(|byte| *byte == 0);
    // p is 2^255 - 19, whose lowest byte is 0xed.
    let is_high = y[0] >= 0xec && y[31] == 0x7f && y[1..31].iter().all(|byte| *byte == 0xff);
    is_small || is_high || ORDER_8.contains(&y)
}

fn p256(x: &str, y: &str) -> Result<Vec<u8>, Unusable> {
    // The uncompressed form of SEC 1, 2.3.3.
    let mut point = vec![4];
    for number in [x, y] {
        BASE64URL.decode_vec(number, &mut point)?;
    }
    // A key agreement checks that the point is on the curve, and can fail for no other reason.
    let random = SystemRandom::new();
    let agreed =
        agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random).and_then(|own| {
            let other = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, &point);
            agreement::agree_ephemeral(own, &other, |_| ())
        });
    agreed.map_err(|_| Unusable::NoPoint)?;
    Ok(point)
}
