//! The profiles that always exist: those of the users `1` to `1000`, always the same.

use proto::profile::v1::Profile;

/// How many there are.
pub(super) const COUNT: usize = 1000;
/// When they were written, in milliseconds since the Unix epoch: 2024-01-01T00:00:00Z.
pub(super) const WRITTEN_AT_MS: i64 = 1_704_067_200_000;

const CITIES: [&str; 20] = [
    "Accra",
    "Auckland",
    "Berlin",
    "Bogotá",
    "Cairo",
    "Chennai",
    "Edinburgh",
    "Helsinki",
    "Kraków",
    "Lisbon",
    "London",
    "Montréal",
    "Nairobi",
    "Osaka",
    "Reykjavík",
    "São Paulo",
    "Seoul",
    "Toronto",
    "Valparaíso",
    "Zürich",
];

const WORK: [&str; 10] = [
    "Builds bridges",
    "Teaches mathematics",
    "Repairs old radios",
    "Writes compilers",
    "Grows tomatoes",
    "Draws maps",
    "Edits a local newspaper",
    "Studies tides",
    "Runs a bakery",
    "Restores paintings",
];

const LEISURE: [&str; 7] = [
    "plays chess by mail",
    "cycles to the sea on Sundays",
    "sings in a choir",
    "collects timetables",
    "climbs in winter",
    "keeps bees",
    "swims before breakfast",
];

/// The profiles, without the time of writing.
pub(super) fn profiles() -> impl Iterator<Item = Profile> {
    (1..=COUNT).map(|number| Profile {
        user_id: number.to_string(),
        bio: format!("{}, {}.", pick(&WORK, number), pick(&LEISURE, number)),
        // Another step, so that city and work do not go together.
        city: pick(&CITIES, number * 7).to_owned(),
        updated_at: None,
    })
}

fn pick<'table>(table: &[&'table str], number: usize) -> &'table str {
    table[number % table.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_is_one_for_each_of_the_thousand_users() {
        let ids: HashSet<_> = profiles().map(|profile| profile.user_id).collect();
        assert_eq!(ids.len(), COUNT);
        assert!((1..=1000).all(|number: u32| ids.contains(&number.to_string())));
    }

    #[test]
    fn they_keep_to_the_limits_of_the_contract() {
        for profile in profiles() {
            assert_eq!(proto::limits::profile(Some(&profile)), Ok(()));
        }
    }

    #[test]
    fn they_are_always_the_same() {
        let seventh = profiles().nth(6).unwrap();
        assert_eq!(seventh.user_id, "7");
        assert_eq!(seventh.city, "Lisbon");
        assert_eq!(seventh.bio, "Studies tides, plays chess by mail.");
    }
}
