use serde::Deserialize;

/// The claims of a token, with the types that the specification gives them.
///
/// A field of another type makes the whole token wrong: an `exp` that is a text must not count as
/// an `exp` that is absent.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    #[serde(rename = "exp")]
    _exp: u64,
    #[serde(rename = "nbf")]
    _nbf: u64,
    #[serde(rename = "iss")]
    _iss: String,
    pub(super) iat: Option<u64>,
    /// Scopes with spaces between them: [RFC 8693, 4.2](https://www.rfc-editor.org/rfc/rfc8693#section-4.2).
    #[serde(default)]
    pub(super) scope: String,
}
