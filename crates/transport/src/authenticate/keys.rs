use std::collections::HashMap;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm},
};

/// The keys that tokens may be signed with, by their id.
#[derive(Debug)]
pub(super) struct Keys(HashMap<String, Key>);

/// A key, with the one algorithm that it is for.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It is no JWK set.
    #[error("it is not a JSON Web Key set")]
    Json(#[from] serde_json::Error),
    /// A set without keys refuses every token: more likely a mistake than a wish.
    #[error("it has no keys")]
    Empty,
    /// A key has no `kid`, or one that another key has.
    #[error("key {0} has no `kid` of its own")]
    Id(usize),
    /// A key is not for `EdDSA` on Ed25519 or `ES256` on P-256, or does not say so.
    #[error("key {0:?} is not for EdDSA (Ed25519) or ES256 (P-256)")]
    Algorithm(String),
    /// The numbers of a key are no key.
    #[error("key {kid:?} is damaged")]
    Damaged {
        /// Its `kid`.
        kid: String,
        /// What is wrong.
        #[source]
        error: jsonwebtoken::errors::Error,
    },
}

impl Keys {
    pub(super) fn parse(file: &[u8]) -> Result<Self, KeysError> {
        let set: JwkSet = serde_json::from_slice(file)?;
        let mut keys = HashMap::new();
        for (index, jwk) in set.keys.iter().enumerate() {
            let kid = jwk.common.key_id.clone().ok_or(KeysError::Id(index))?;
            let algorithm = algorithm_of(jwk).ok_or_else(|| KeysError::Algorithm(kid.clone()))?;
            let key = match DecodingKey::from_jwk(jwk) {
                Ok(key) => Key { algorithm, key },
                Err(error) => return Err(KeysError::Damaged { kid, error }),
            };
            if keys.insert(kid, key).is_some() {
                return Err(KeysError::Id(index));
            }
        }
        if keys.is_empty() {
            return Err(KeysError::Empty);
        }
        Ok(Self(keys))
    }

    pub(super) fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }
}

/// The algorithm that a key is pinned to: both its `alg` and its curve must say so.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    match (jwk.common.key_algorithm?, &jwk.algorithm) {
        (KeyAlgorithm::EdDSA, AlgorithmParameters::OctetKeyPair(pair))
            if pair.curve == EllipticCurve::Ed25519 =>
        {
            Some(Algorithm::EdDSA)
        }
        (KeyAlgorithm::ES256, AlgorithmParameters::EllipticCurve(key))
            if key.curve == EllipticCurve::P256 =>
        {
            Some(Algorithm::ES256)
        }
        _ => None,
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
