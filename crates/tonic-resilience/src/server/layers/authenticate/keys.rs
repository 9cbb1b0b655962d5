use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::public_key::{self, Key, Unusable};
use crate::errors::with_causes;

/// The keys that tokens may be signed with, by their id.
#[derive(Debug)]
pub(super) struct Keys(HashMap<String, Vec<Key>>);

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It is no JWK set.
    #[error("it is not a JSON Web Key set")]
    Json(#[from] serde_json::Error),
    /// A set without keys refuses every token: more likely an error than an intention.
    #[error("it has no keys")]
    Empty,
    /// Each of its keys was skipped: the reason for the first.
    #[error("none of its keys can be used, and of the first {0}")]
    NoneUsable(String),
}

/// A set of keys that are parsed one by one, so that one bad key does not spoil the others.
#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// Skips the keys that cannot be used, each with a log line: providers publish keys of other
    /// kinds and for other purposes beside those that are meant here.
    ///
    /// Spec: [RFC 7517, 5](https://www.rfc-editor.org/rfc/rfc7517#section-5).
    pub(super) fn parse(file: &[u8]) -> Result<Self, KeysError> {
        let set: Set = serde_json::from_slice(file)?;
        let mut keys: HashMap<String, Vec<Key>> = HashMap::new();
        let mut first_reason = None;
        for jwk in &set.keys {
            if let Err(unusable) = add(&mut keys, jwk) {
                let reason = with_causes(&unusable);
                tracing::info!(kid = jwk["kid"].as_str(), reason, "key skipped");
                first_reason.get_or_insert(reason);
            }
        }
        match first_reason {
            _ if !keys.is_empty() => Ok(Self(keys)),
            Some(reason) => Err(KeysError::NoneUsable(reason)),
            None => Err(KeysError::Empty),
        }
    }

    /// The keys with this id: one for an algorithm at most.
    pub(super) fn get(&self, kid: &str) -> Option<&[Key]> {
        self.0.get(kid).map(Vec::as_slice)
    }
}

fn add(keys: &mut HashMap<String, Vec<Key>>, jwk: &Value) -> Result<(), Unusable> {
    let (kid, key) = public_key::read(jwk)?;
    let of_kid = keys.entry(kid).or_default();
    // RFC 7517, 4.5: equivalent keys may have the same id if they are of different types.
    if of_kid.iter().any(|other| other.algorithm == key.algorithm) {
        return Err(Unusable::SameId);
    }
    of_kid.push(key);
    Ok(())
}
