use std::{path::PathBuf, time::Duration};

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, get_current_timestamp};

use super::{
    claims::Claims,
    keys::{Keys, KeysError},
};
use crate::{
    principal::Principal,
    reload::{ReloadError, Reloaded},
    signatures,
};

/// Most bytes of a token that are looked at.
const MOST_BYTES: usize = 8 * 1024;

/// Most bytes of a subject: it goes into spans, logs and tables.
const MOST_SUBJECT_BYTES: usize = 255;

/// What clocks may differ by.
const LEEWAY: Duration = Duration::from_secs(30);

/// Time between two looks at the key file.
const RELOAD: Duration = Duration::from_secs(1);

/// Says who a token is of, by the keys of a file.
#[derive(Clone, Debug)]
pub struct TokenVerifier {
    keys: Reloaded<Keys>,
    issuer: String,
    audience: String,
}

/// Why a token is not believed. For logs and spans: the caller learns only that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Longer than 8 KiB.
    #[error("too_long")]
    TooLong,
    /// Not a JWT, or with an algorithm that is not known.
    #[error("malformed")]
    Malformed,
    /// No key in the file has its `kid`.
    #[error("unknown_key")]
    UnknownKey,
    /// Its `alg` is not that of its key, or it needs extensions by `crit`.
    #[error("wrong_algorithm")]
    WrongAlgorithm,
    /// The signature is not by its key.
    #[error("bad_signature")]
    BadSignature,
    /// A claim is missing, of the wrong type, or wrong.
    #[error("bad_claims")]
    BadClaims,
}

impl TokenVerifier {
    /// Believes tokens of `issuer` for `audience`, signed by a key of the JWK set in `file`.
    ///
    /// # Errors
    ///
    /// [`ReloadError`] when the file cannot be read or used. When it changes later and cannot be,
    /// the keys before stay.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn load(
        file: PathBuf,
        issuer: &str,
        audience: &str,
    ) -> Result<Self, ReloadError<KeysError>> {
        signatures::install();
        Ok(Self {
            keys: Reloaded::start(vec![file], RELOAD, |contents| Keys::parse(&contents[0]))?,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// Whose token it is.
    ///
    /// # Errors
    ///
    /// [`TokenRefusal`] when it is not believed.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenRefusal> {
        if token.len() > MOST_BYTES {
            return Err(TokenRefusal::TooLong);
        }
        let header = decode_header(token).map_err(|_| TokenRefusal::Malformed)?;
        let keys = self.keys.current();
        let kid = header.kid.as_deref().ok_or(TokenRefusal::UnknownKey)?;
        let key = keys.get(kid).ok_or(TokenRefusal::UnknownKey)?;
        if header.alg != key.algorithm || header.crit.is_some() {
            return Err(TokenRefusal::WrongAlgorithm);
        }
        let claims: Claims = decode(token, &key.key, &self.rules(key.algorithm))
            .map_err(|error| refusal_of(error.kind()))?
            .claims;
        let latest = get_current_timestamp() + LEEWAY.as_secs();
        let subject_fits = (1..=MOST_SUBJECT_BYTES).contains(&claims.sub.len());
        if !subject_fits || claims.iat.is_some_and(|issued| issued > latest) {
            return Err(TokenRefusal::BadClaims);
        }
        let scopes = claims.scope.split_ascii_whitespace().map(str::to_owned);
        Ok(Principal::new(&claims.sub, scopes))
    }

    fn rules(&self, algorithm: Algorithm) -> Validation {
        let mut rules = Validation::new(algorithm);
        rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.audience]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY.as_secs();
        rules
    }
}

fn refusal_of(error: &jsonwebtoken::errors::ErrorKind) -> TokenRefusal {
    use jsonwebtoken::errors::ErrorKind;
    match error {
        ErrorKind::InvalidSignature => TokenRefusal::BadSignature,
        ErrorKind::InvalidToken | ErrorKind::Base64(_) => TokenRefusal::Malformed,
        ErrorKind::InvalidAlgorithm => TokenRefusal::WrongAlgorithm,
        _ => TokenRefusal::BadClaims,
    }
}
