//! The message that is compared, as a type of each format.

use proto::{profile::v1 as profile, user::v1 as user};
use serde::{Deserialize, Serialize};

/// What [`user::User`] is, for the formats that go through serde: the same fields with the same types.
#[allow(
    clippy::struct_field_names,
    reason = "they are the names of the contract"
)]
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct User {
    user_id: String,
    name: String,
    email: String,
    created_at: Option<Timestamp>,
    profile: Option<Profile>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Profile {
    user_id: String,
    bio: String,
    city: String,
    updated_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Timestamp {
    seconds: i64,
    nanos: i32,
}

/// [`User`] as Avro declares it.
pub(super) const AVRO_SCHEMA: &str = r#"{
  "type": "record", "name": "User", "namespace": "tracewalk.user.v1",
  "fields": [
    {"name": "user_id", "type": "string"},
    {"name": "name", "type": "string"},
    {"name": "email", "type": "string"},
    {"name": "created_at", "type": ["null", {
      "type": "record", "name": "Timestamp", "namespace": "google.protobuf",
      "fields": [{"name": "seconds", "type": "long"}, {"name": "nanos", "type": "int"}]
    }]},
    {"name": "profile", "type": ["null", {
      "type": "record", "name": "Profile", "namespace": "tracewalk.profile.v1",
      "fields": [
        {"name": "user_id", "type": "string"},
        {"name": "bio", "type": "string"},
        {"name": "city", "type": "string"},
        {"name": "updated_at", "type": ["null", "google.protobuf.Timestamp"]}
      ]
    }]}
  ]
}"#;

/// A user whose texts are near the limits of the contract: 1 KB.
pub(super) fn user() -> user::User {
    let user_id = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";
    let bio = "Writes about machines that count, and about the people who taught them to.\n\
        \"The engine weaves algebraic patterns just as the loom weaves flowers and leaves.\" ";
    let at = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
    user::User {
        user_id: user_id.to_owned(),
        name: "Augusta Ada King, Countess of Lovelace".to_owned(),
        email: "augusta.ada.king.countess.of.lovelace@mathematics.analytical-society.example.org"
            .to_owned(),
        created_at: at(1_790_000_000, 123_456_789),
        profile: Some(profile::Profile {
            user_id: user_id.to_owned(),
            bio: bio.repeat(4).chars().take(500).collect(),
            city: "London, and at Ockham Park near Guildford in the summer months".to_owned(),
            updated_at: at(1_790_086_400, 987_654_321),
        }),
    }
}

impl From<user::User> for User {
    fn from(user: user::User) -> Self {
        // All fields by name: one that the contract gets later does not compile here.
        let user::User {
            user_id,
            name,
            email,
            created_at,
            profile,
        } = user;
        Self {
            user_id,
            name,
            email,
            created_at: created_at.map(Timestamp::from),
            profile: profile.map(Profile::from),
        }
    }
}

impl From<profile::Profile> for Profile {
    fn from(profile: profile::Profile) -> Self {
        let profile::Profile {
            user_id,
            bio,
            city,
            updated_at,
        } = profile;
        Self {
            user_id,
            bio,
            city,
            updated_at: updated_at.map(Timestamp::from),
        }
    }
}

impl From<prost_types::Timestamp> for Timestamp {
    fn from(prost_types::Timestamp { seconds, nanos }: prost_types::Timestamp) -> Self {
        Self { seconds, nanos }
    }
}
