use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use rcgen::{KeyPair, PKCS_ED25519, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A key that signs development tokens.
///
/// ```
/// use std::time::Duration;
/// use dev_identity::TokenKey;
///
/// let key = TokenKey::generate()?;
/// let hour = Duration::from_secs(3600);
/// let token = key.issue("tracewalk", "gateway", "ada", &["users:write"], hour)?;
/// assert_eq!(token.split('.').count(), 3);
/// # Ok::<_, dev_identity::TokenError>(())
/// ```
pub struct TokenKey {
    pair: KeyPair,
    pem: String,
    id: String,
}

/// Why a key or a token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no randomness, or the text is no Ed25519 key.
    #[error("cannot make a key")]
    Key(#[from] rcgen::Error),
    /// The key does not sign.
    #[error("cannot sign with the key")]
    Sign(#[source] rcgen::Error),
}

/// Longest validity in seconds: added to the present time, it is still exact as a JSON number.
const LONGEST: u64 = 1 << 52;

impl TokenKey {
    /// Makes a new Ed25519 key.
    ///
    /// # Errors
    ///
    /// [`TokenError::Key`] without randomness.
    pub fn generate() -> Result<Self, TokenError> {
        Ok(Self::of(KeyPair::generate_for(&PKCS_ED25519)?))
    }

    /// Reads the key that [`to_pem`](Self::to_pem) wrote.
    ///
    /// # Errors
    ///
    /// [`TokenError::Key`] when it is not one.
    pub fn from_pem(pem: &str) -> Result<Self, TokenError> {
        let pair = KeyPair::from_pem_and_sign_algo(pem, &PKCS_ED25519)?;
        Ok(Self::of(pair))
    }

    /// The private key, to keep.
    #[must_use]
    pub fn to_pem(&self) -> &str {
        &self.pem
    }

    /// The key file of the services: the public key as a JWK set.
    #[must_use]
    pub fn to_jwk_set(&self) -> String {
        json!({ "keys": [self.jwk()] }).to_string()
    }

    /// The id of the key: its [thumbprint](https://www.rfc-editor.org/rfc/rfc7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public key. Spec: [RFC 8037, 2](https://www.rfc-editor.org/rfc/rfc8037#section-2).
    pub(super) fn jwk(&self) -> Value {
        let x = BASE64URL.encode(self.pair.public_key_raw());
        json!({ "alg": "EdDSA", "crv": "Ed25519", "kid": self.id, "kty": "OKP", "x": x })
    }

    /// A token of `issuer` for `audience` that says who the subject is and what it may do.
    ///
    /// # Errors
    ///
    /// [`TokenError::Sign`] when the key does not sign.
    pub fn issue(
        &self,
        issuer: &str,
        audience: &str,
        subject: &str,
        scopes: &[&str],
        valid_for: Duration,
    ) -> Result<String, TokenError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let claims = json!({
            "iss": issuer,
            "aud": audience,
            "sub": subject,
            "scope": scopes.join(" "),
            "iat": now,
            "nbf": now,
            "exp": now + valid_for.as_secs().min(LONGEST),
        });
        let header = json!({ "alg": "EdDSA", "kid": self.id, "typ": "JWT" });
        let [header, claims] = [header, claims].map(|part| BASE64URL.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let signature = self.pair.sign(signed.as_bytes());
        let signature = BASE64URL.encode(signature.map_err(TokenError::Sign)?);
        Ok(format!("{signed}.{signature}"))
    }

    fn of(pair: KeyPair) -> Self {
        let x = BASE64URL.encode(pair.public_key_raw());
        // RFC 7638, 3: the required members, in this order, without spaces.
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let id = BASE64URL.encode(Sha256::digest(members));
        let pem = pair.serialize_pem();
        Self { pair, pem, id }
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The private half stays out of logs.
        formatter
            .debug_struct("TokenKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
