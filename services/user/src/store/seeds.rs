//! The users that always exist: `1` to `1000`, always the same.

use proto::user::v1::User;

use super::timestamp;

/// When user `0` would have been made, in milliseconds since the Unix epoch: 2024-01-01T00:00:00Z.
const FIRST_MS: i64 = 1_704_067_200_000;
/// One user was made each hour.
const EVERY_MS: i64 = 3_600_000;

const GIVEN_NAMES: [&str; 40] = [
    "Ada", "Amina", "Anders", "Aoife", "Beatriz", "Boris", "Chen", "Chiara", "Dafna", "Diego",
    "Elif", "Emeka", "Fatima", "Freya", "Goran", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jamal",
    "Joana", "Kaito", "Klara", "Lars", "Leila", "Mateo", "Mira", "Nadia", "Niko", "Olga", "Omar",
    "Priya", "Ravi", "Sofia", "Tomas", "Uma", "Viktor", "Yara", "Zoe",
];

const FAMILY_NAMES: [&str; 25] = [
    "Almeida", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova",
    "Jensen", "Kowalski", "Larsen", "Mbeki", "Nakamura", "Okafor", "Petrov", "Quist", "Rossi",
    "Silva", "Tanaka", "Ulrich", "Virtanen", "Weber", "Yilmaz", "Zhang",
];

/// The users, without their profiles.
pub(super) fn users() -> impl Iterator<Item = User> {
    (1..=1000).map(user)
}

/// Each pair of names comes once among the 40 × 25 users, so e-mail addresses are unique.
fn user(number: u16) -> User {
    let index = usize::from(number) - 1;
    let given = GIVEN_NAMES[index % GIVEN_NAMES.len()];
    // Each round through the given names shifts by one, so that neighbours differ in both names.
    let family = FAMILY_NAMES[(index + index / GIVEN_NAMES.len()) % FAMILY_NAMES.len()];
    User {
        user_id: number.to_string(),
        name: format!("{given} {family}"),
        email: format!("{given}.{family}@example.com").to_lowercase(),
        created_at: Some(timestamp(FIRST_MS + i64::from(number) * EVERY_MS)),
        profile: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proto::{limits, user::v1::NewUser};

    use super::*;

    #[test]
    fn there_are_a_thousand_with_an_address_each() {
        let ids: HashSet<_> = users().map(|user| user.user_id).collect();
        let emails: HashSet<_> = users().map(|user| user.email).collect();
        assert_eq!((ids.len(), emails.len()), (1000, 1000));
        assert!((1..=1000).all(|number: u32| ids.contains(&number.to_string())));
    }

    #[test]
    fn they_keep_to_the_limits_of_the_contract() {
        for User { name, email, .. } in users() {
            let user = NewUser {
                name,
                email,
                ..NewUser::default()
            };
            assert_eq!(limits::new_user(Some(&user)), Ok(()));
        }
    }

    #[test]
    fn they_are_always_the_same() {
        let seventh = users().nth(6).unwrap();
        assert_eq!(seventh.user_id, "7");
        assert_eq!(seventh.name, "Chen Garcia");
        assert_eq!(seventh.email, "chen.garcia@example.com");
        assert_eq!(
            seventh.created_at.unwrap().to_string(),
            "2024-01-01T07:00:00Z"
        );
    }
}
