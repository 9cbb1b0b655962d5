use proto::limits::{self, Violations};
use sha2::{Digest as _, Sha256};
use tonic::metadata::{AsciiMetadataValue, MetadataMap};
use tonic_resilience::server::principal::Principal;

/// The metadata that makes a repeated `CreateUser` safe.
pub(crate) const NAME: &str = "idempotency-key";

/// The idempotency key of a call, if any, as the user service gets it: unique to this caller.
///
/// Two callers who choose one key must neither get each other's user nor learn of the key. The user
/// service cannot tell them apart, as it sees only the gateway; so it gets a hash of caller and
/// key, which also keeps the caller's name out of its database. Callers without a token are one
/// principal, who has no name.
///
/// # Errors
///
/// [`Violations`] when the key breaks a limit, and when there are two keys: it cannot be known
/// which one is meant.
pub(crate) fn of_call(
    principal: Option<&Principal>,
    metadata: &MetadataMap,
) -> Result<Option<AsciiMetadataValue>, Violations> {
    let keys = metadata.get_all(NAME).iter();
    let keys: Vec<&[u8]> = keys.map(AsciiMetadataValue::as_bytes).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    // Several values are joined (RFC 9110, 5.3), and then refused: no key has a space.
    let key = keys.join(&b", "[..]);
    limits::idempotency_key(&key)?;
    let name = principal.map_or("", Principal::name);
    let mut hash = Sha256::new();
    // The length of the name first, so that two pairs of name and key never hash the same bytes.
    hash.update((name.len() as u64).to_be_bytes());
    hash.update(name);
    hash.update(&key);
    let hash = format!("{:x}", hash.finalize());
    let hash = hash.parse();
    Ok(Some(hash.expect("hexadecimal digits are visible ASCII")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn metadata(keys: &[&str]) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        for key in keys {
            metadata.append(NAME, key.parse().unwrap());
        }
        metadata
    }

    #[test]
    fn there_is_one_key_or_none() {
        assert!(of_call(None, &metadata(&[])).unwrap().is_none());
        for keys in [&["a", "b"][..], &["a", "a"], &["a", ""], &[""]] {
            assert!(of_call(None, &metadata(keys)).is_err(), "{keys:?}");
        }
    }

    #[test]
    fn a_key_is_of_its_caller_and_stays_the_same() {
        let of = |name: &str, key: &str| {
            let principal = (!name.is_empty()).then(|| Principal::new(name, []));
            of_call(principal.as_ref(), &metadata(&[key]))
                .unwrap()
                .unwrap()
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
        let key = metadata(&["key"]);
        let of = |scopes: &[&str]| {
            let scopes = scopes.iter().map(|&scope| scope.to_owned());
            of_call(Some(&Principal::new("ada", scopes)), &key).unwrap()
        };
        assert_eq!(of(&["users:write"]), of(&["users:write", "users:read"]));
    }
}
