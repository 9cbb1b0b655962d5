use prost::Message as _;
use proto::user::v1::NewUser;
use sha2::{Digest as _, Sha256};

/// How a repeated request to create a user is told from another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Idempotency {
    /// What the caller calls this request: its idempotency key.
    pub(crate) key: String,
    /// The request fingerprint: the same for the same payload, which cannot be read from it.
    pub(crate) fingerprint: String,
}

impl Idempotency {
    pub(crate) fn new(key: String, user: &NewUser) -> Self {
        // Fields are encoded in the order of their numbers, so equal messages have equal bytes.
        let fingerprint = format!("{:x}", Sha256::digest(user.encode_to_vec()));
        Self { key, fingerprint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_payloads_apart_and_stays_the_same() {
        let user = |name: &str, email: &str| NewUser {
            name: name.to_owned(),
            email: email.to_owned(),
            ..NewUser::default()
        };
        let fingerprint = |user| Idempotency::new("key".to_owned(), &user).fingerprint;
        assert_eq!(fingerprint(user("a", "bc")), fingerprint(user("a", "bc")));
        assert_ne!(fingerprint(user("a", "bc")), fingerprint(user("ab", "c")));
        // Kept in databases, so it must not change from one version to the next.
        assert_eq!(
            fingerprint(NewUser::default()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
