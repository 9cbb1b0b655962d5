//! The token of a scenario's caller.

use std::{
    fmt::{self, Display, Formatter},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use dev_identity::{TokenFolder, TokenKey};

use crate::{
    client::Bearer,
    token::{AUDIENCE, ISSUER, WRITE},
};

/// Who calls.
const SUBJECT: &str = "ada";

/// How long a token is good for: longer than any scenario.
const VALID_FOR: Duration = Duration::from_hours(1);

/// What a token says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// It says that its subject may write, and has the signature of another one.
    Forged,
    /// It is a good one, with these scopes.
    Scopes(Vec<String>),
}

impl Display for Token {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forged => f.write_str("with a forged token"),
            Self::Scopes(scopes) => write!(f, "with a token for {}", scopes.join(" ")),
        }
    }
}

impl Token {
    /// Reads `forged`, or scopes with a space between.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text == "forged" {
            return Ok(Self::Forged);
        }
        let scopes: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        if scopes.is_empty() || !scopes.iter().all(|scope| scope.contains(':')) {
            return Err(format!(
                "`{text}` is no token: expected `forged`, or scopes as `{WRITE}`"
            ));
        }
        Ok(Self::Scopes(scopes))
    }

    /// Signs it with the key in this folder.
    ///
    /// # Errors
    /// When the key cannot be used.
    pub(super) fn sign(&self, keys: &Path) -> anyhow::Result<Bearer> {
        let folder = TokenFolder::open(keys);
        let folder = folder.with_context(|| format!("cannot sign in {}", keys.display()))?;
        let token = match self {
            Self::Scopes(scopes) => {
                let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
                issue(folder.key(), &scopes)?
            }
            Self::Forged => {
                let (good, other) = (issue(folder.key(), &[])?, issue(folder.key(), &[WRITE])?);
                let signature = good.rsplit('.').next().unwrap_or_default();
                let said = other.rsplit_once('.').map_or("", |(said, _)| said);
                format!("{said}.{signature}")
            }
        };
        Ok(Bearer::of(&token)?)
    }
}

fn issue(key: &TokenKey, scopes: &[&str]) -> anyhow::Result<String> {
    Ok(key.issue(ISSUER, AUDIENCE, SUBJECT, scopes, VALID_FOR)?)
}
