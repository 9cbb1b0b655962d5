use std::{path::PathBuf, time::Duration};

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};

use serde_json::Value;

use super::{
    claims::Claims,
    keys::{Keys, KeysError},
};
use crate::{
    file_watch::{FileWatch, FileWatchError},
    server::{layers::authenticate::signatures, principal::Principal},
};

/// Most bytes of a token that are looked at.
const MAX_BYTES: usize = 8 * 1024;

/// Most bytes of a subject: it goes into spans, logs and tables.
const MAX_SUBJECT_BYTES: usize = 255;

/// Time between two looks at the key file.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Verifies tokens with the keys of a file, and finds whose they are.
#[derive(Clone, Debug)]
pub struct TokenVerifier {
    keys: FileWatch<Keys>,
    issuer: String,
    audience: String,
}

/// Why a token is not accepted. For logs and spans: the caller learns only that it is not.
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
    /// Its `alg` is not that of its key.
    #[error("wrong_algorithm")]
    WrongAlgorithm,
    /// It needs extensions by `crit`, or is not encoded by `b64`.
    #[error("unknown_extension")]
    UnknownExtension,
    /// Its `typ` is neither `JWT` nor `at+jwt`.
    #[error("wrong_type")]
    WrongType,
    /// The signature is not by its key.
    #[error("bad_signature")]
    BadSignature,
    /// A claim is missing, of the wrong type, or wrong.
    #[error("bad_claims")]
    BadClaims,
}

impl TokenVerifier {
    /// Accepts tokens of `issuer` for `audience`, signed by a key of the JWK set in `file`.
    ///
    /// # Errors
    ///
    /// [`FileWatchError`] when the file cannot be read or used. If it later changes to one that
    /// cannot be used, the keys before stay.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn load(
        file: PathBuf,
        issuer: &str,
        audience: &str,
    ) -> Result<Self, FileWatchError<KeysError>> {
        signatures::install();
        Ok(Self {
            keys: FileWatch::start(vec![file], CHECK_INTERVAL, |contents| {
                Keys::parse(&contents[0])
            })?,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// Verifies a token, and returns whose it is.
    ///
    /// # Errors
    ///
    /// [`TokenRefusal`] when it is not accepted.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenRefusal> {
        if token.len() > MAX_BYTES {
            return Err(TokenRefusal::TooLong);
        }
        let header = decode_header(token).map_err(|_| TokenRefusal::Malformed)?;
        check_header(&header)?;
        let keys = self.keys.current();
        let kid = header.kid.as_deref().ok_or(TokenRefusal::UnknownKey)?;
        let mut of_kid = keys.get(kid).ok_or(TokenRefusal::UnknownKey)?.iter();
        let key = of_kid.find(|key| key.algorithm == header.alg);
        let key = key.ok_or(TokenRefusal::WrongAlgorithm)?;
        let claims: Claims = decode(token, &key.key, &self.rules(key.algorithm))
            .map_err(|error| refusal_of(error.kind()))?
            .claims;
        let subject_fits = (1..=MAX_SUBJECT_BYTES).contains(&claims.sub.len());
        if !subject_fits || !claims.are_current() {
            return Err(TokenRefusal::BadClaims);
        }
        let scopes = claims.scope.split_ascii_whitespace().map(str::to_owned);
        Ok(Principal::new(&claims.sub, scopes))
    }

    /// Whom a token must be for: this server.
    pub(super) fn audience(&self) -> &str {
        &self.audience
    }

    fn rules(&self, algorithm: Algorithm) -> Validation {
        let mut rules = Validation::new(algorithm);
        rules.set_required_spec_claims(&["iss", "aud", "sub"]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.audience]);
        // `Claims` checks it, as it reads fractions of a second.
        rules.validate_exp = false;
        rules
    }
}

/// Whether this is an access token, and needs no unknown extension.
fn check_header(header: &Header) -> Result<(), TokenRefusal> {
    let is_encoded = |b64: &Value| *b64 == Value::Bool(true);
    let b64 = header.extras.inner().get("b64");
    if header.crit.is_some() || !b64.is_none_or(is_encoded) {
        return Err(TokenRefusal::UnknownExtension);
    }
    let Some(typ) = &header.typ else {
        return Ok(());
    };
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        // `at+jwt` is of RFC 9068. The same issuer may sign tokens of other types, as `logout+jwt`,
        // for another purpose: RFC 8725, 3.11.
        "jwt" | "at+jwt" => Ok(()),
        _ => Err(TokenRefusal::WrongType),
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
