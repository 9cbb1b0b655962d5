use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, encode, get_current_timestamp,
    jwk::{Jwk, JwkSet, ThumbprintHash},
};
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::json;
use tonic_resilience::server::layers::authenticate::signatures;

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
    pem: String,
    jwk: Jwk,
}

/// Why a key or a token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no randomness, or the text is no Ed25519 key.
    #[error("cannot make a key")]
    Key(#[from] rcgen::Error),
    /// The key does not sign.
    #[error("cannot sign with the key")]
    Sign(#[from] jsonwebtoken::errors::Error),
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
        Self::of(&KeyPair::generate_for(&PKCS_ED25519)?)
    }

    /// Reads the key that [`to_pem`](Self::to_pem) wrote.
    ///
    /// # Errors
    ///
    /// [`TokenError::Key`] when it is not one.
    pub fn from_pem(pem: &str) -> Result<Self, TokenError> {
        Self::of(&KeyPair::from_pem_and_sign_algo(pem, &PKCS_ED25519)?)
    }

    /// The private key, to keep.
    #[must_use]
    pub fn to_pem(&self) -> &str {
        &self.pem
    }

    /// The key file of the services: the public key as a JWK set.
    #[must_use]
    pub fn to_jwk_set(&self) -> String {
        let keys = vec![self.jwk.clone()];
        json!(JwkSet { keys }).to_string()
    }

    /// The id of the key: its [thumbprint](https://www.rfc-editor.org/rfc/rfc7638).
    #[must_use]
    pub fn id(&self) -> &str {
        self.jwk.common.key_id.as_deref().unwrap_or_default()
    }

    /// The public key.
    pub(super) fn jwk(&self) -> &Jwk {
        &self.jwk
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
        let now = get_current_timestamp();
        let claims = json!({
            "iss": issuer,
            "aud": audience,
            "sub": subject,
            "scope": scopes.join(" "),
            "iat": now,
            "nbf": now,
            "exp": now + valid_for.as_secs().min(LONGEST),
        });
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid.clone_from(&self.jwk.common.key_id);
        let key = EncodingKey::from_ed_pem(self.pem.as_bytes())?;
        Ok(encode(&header, &claims, &key)?)
    }

    fn of(pair: &KeyPair) -> Result<Self, TokenError> {
        signatures::install();
        let public = DecodingKey::from_ed_pem(pair.public_key_pem().as_bytes())?;
        let mut jwk = Jwk::from_decoding_key(&public, Some(Algorithm::EdDSA))?;
        jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256)?);
        Ok(Self {
            pem: pair.serialize_pem(),
            jwk,
        })
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The private half stays out of logs.
        formatter
            .debug_struct("TokenKey")
            .field("jwk", &self.jwk)
            .finish_non_exhaustive()
    }
}
