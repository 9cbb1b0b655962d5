use std::{path::PathBuf, time::Duration};

use super::{
    claims::Claims,
    keys::{Keys, KeysError},
    token::Token,
};
use crate::{
    file_watch::{FileWatch, FileWatchError},
    server::principal::Principal,
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
    /// Not a JWT.
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
        let token = Token::parse(token)?;
        let keys = self.keys.current();
        let kid = token
            .header
            .kid
            .as_deref()
            .ok_or(TokenRefusal::UnknownKey)?;
        let mut of_kid = keys.get(kid).ok_or(TokenRefusal::UnknownKey)?.iter();
        let key = of_kid.find(|key| key.is_for(&token.header.alg));
        let key = key.ok_or(TokenRefusal::WrongAlgorithm)?;
        if !key.has_signed(token.signed, &token.signature) {
            return Err(TokenRefusal::BadSignature);
        }
        let claims: Claims = token.claims().ok_or(TokenRefusal::BadClaims)?;
        let subject_fits = (1..=MAX_SUBJECT_BYTES).contains(&claims.sub.len());
        let is_for_us = claims.are_of(&self.issuer, &self.audience);
        if !subject_fits || !is_for_us || !claims.are_current() {
            return Err(TokenRefusal::BadClaims);
        }
        let scopes = claims.scope.split_ascii_whitespace().map(str::to_owned);
        Ok(Principal::new(&claims.sub, scopes))
    }

    /// Whom a token must be for: this server.
    pub(super) fn audience(&self) -> &str {
        &self.audience
    }
}
