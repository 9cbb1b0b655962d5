use proto::limits::{self, Violations};
use sha2::{Digest as _, Sha256};
use tonic::metadata::AsciiMetadataValue;
use tonic_resilience::server::principal::Principal;

/// The key as the user service gets it: of this caller alone.
///
/// Two callers who choose one key must neither get each other's user nor learn of the key. The user
/// service cannot tell them apart, as it sees the gateway only; so it gets a hash of both, which
/// also keeps the caller's name out of its database. Callers without a token are one principal, who
/// has no name.
///
/// # Errors
///
/// [`Violations`] when the key breaks a limit.
pub(crate) fn of_caller(
    principal: Option<&Principal>,
    key: &AsciiMetadataValue,
) -> Result<AsciiMetadataValue, Violations> {
    limits::idempotency_key(key.as_bytes())?;
    let name = principal.map_or("", Principal::name);
    let mut hash = Sha256::new();
    // Its length first, so that no name and key together read like another pair.
    hash.update((name.len() as u64).to_be_bytes());
    hash.update(name);
    hash.update(key.as_bytes());
    let hash = format!("{:x}", hash.finalize());
    Ok(hash.parse().expect("hexadecimal digits are visible ASCII"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_is_of_its_caller_and_stays_the_same() {
        let of = |name: &str, key: &str| {
            let principal = (!name.is_empty()).then(|| Principal::new(name, []));
            of_caller(principal.as_ref(), &key.parse().unwrap()).unwrap()
        };
        let pairs = [
            ("", "key"),
            ("ada", "key"),
            ("grace", "key"),
            ("ad", "akey"),
            ("", "adakey"),
        ];
        let keys: HashSet<_> = pairs.map(|(name, key)| of(name, key)).into_iter().collect();
        assert_eq!(keys.len(), pairs.len());
        // Kept in databases, so it must not change from one version to the next.
        assert_eq!(
            of("ada", "key"),
            "624bbdd20d041d787fc3db87aa6768db064311ee0758862a34ed6aa485b8e8d6"
        );
        assert!(
            keys.iter()
                .all(|key| limits::idempotency_key(key.as_bytes()).is_ok())
        );
    }

    #[test]
    fn scopes_do_not_matter() {
        let key = "key".parse().unwrap();
        let of = |scopes: &[&str]| {
            let scopes = scopes.iter().map(|&scope| scope.to_owned());
            of_caller(Some(&Principal::new("ada", scopes)), &key).unwrap()
        };
        assert_eq!(of(&["users:write"]), of(&["users:write", "users:read"]));
    }
}
