use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

/// What clocks may differ by, in seconds.
const LEEWAY: f64 = 30.0;

/// Not all programs read larger numbers alike:
/// [RFC 8259, 6](https://www.rfc-editor.org/rfc/rfc8259#section-6).
const LARGEST_NUMBER: f64 = 9_007_199_254_740_991.0;

/// The claims of a token, with the types that the specification gives them.
///
/// A field of another type makes the whole token wrong: an `exp` that is a text must not count as
/// an `exp` that is absent. So does a field that comes twice.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    iss: String,
    aud: Audience,
    exp: NumericDate,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    /// Scopes with spaces between them: [RFC 8693, 4.2](https://www.rfc-editor.org/rfc/rfc8693#section-4.2).
    #[serde(default)]
    pub(super) scope: String,
}

/// For one server, or for several: [RFC 7519, 4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Seconds since the Unix epoch, with or without a fraction:
/// [RFC 7519, 2](https://www.rfc-editor.org/rfc/rfc7519#section-2).
#[derive(Clone, Copy, Debug, Deserialize)]
struct NumericDate(f64);

impl Claims {
    /// Whether this issuer made the token for this audience.
    pub(super) fn are_of(&self, issuer: &str, audience: &str) -> bool {
        self.iss == issuer
            && match &self.aud {
                Audience::One(one) => one == audience,
                Audience::Several(several) => several.iter().any(|one| one == audience),
            }
    }

    /// Whether the token has begun, has not ended, and was not issued in the future.
    pub(super) fn are_current(&self) -> bool {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since_epoch.unwrap_or_default().as_secs_f64();
        let has_passed = |date: NumericDate| date.0 <= now + LEEWAY;
        self.exp.0 > now - LEEWAY
            && self.exp.0 <= LARGEST_NUMBER
            && self.nbf.is_none_or(has_passed)
            && self.iat.is_none_or(has_passed)
    }
}
