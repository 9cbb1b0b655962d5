use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::TokenRefusal;

/// A token whose header was read, and nothing else: its signature is not verified yet.
///
/// Spec: [RFC 7515, 7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1).
pub(super) struct Token<'a> {
    pub(super) header: Header,
    /// Header and claims as they were signed.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
    claims: &'a str,
}

/// The members of a header that matter here. A member that comes twice makes the header wrong.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
    #[serde(default = "encoded")]
    b64: bool,
}

/// [RFC 7797, 3](https://www.rfc-editor.org/rfc/rfc7797#section-3).
fn encoded() -> bool {
    true
}

impl<'a> Token<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, TokenRefusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenRefusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenRefusal::Malformed)?;
        let header: Header = part(header).ok_or(TokenRefusal::Malformed)?;
        header.check()?;
        let signature = BASE64URL.decode(signature);
        Ok(Self {
            header,
            signed,
            signature: signature.map_err(|_| TokenRefusal::Malformed)?,
            claims,
        })
    }

    /// The claims, which are worth nothing before the signature is verified.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        part(self.claims)
    }
}

fn part<T: DeserializeOwned>(encoded: &str) -> Option<T> {
    let json = BASE64URL.decode(encoded).ok()?;
    serde_json::from_slice(&json).ok()
}

impl Header {
    /// Whether this is an access token, and needs no unknown extension.
    fn check(&self) -> Result<(), TokenRefusal> {
        if self.crit.is_some() || !self.b64 {
            return Err(TokenRefusal::UnknownExtension);
        }
        let Some(typ) = &self.typ else {
            return Ok(());
        };
        let typ = typ.to_ascii_lowercase();
        match typ.strip_prefix("application/").unwrap_or(&typ) {
            // `at+jwt` is of RFC 9068. The same issuer may sign tokens of other types, as
            // `logout+jwt`, for another purpose: RFC 8725, 3.11.
            "jwt" | "at+jwt" => Ok(()),
            _ => Err(TokenRefusal::WrongType),
        }
    }
}
