use std::fmt;

use proto::user::v1::{NewUser, User};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A user, as HTTP/JSON shows one.
#[derive(Serialize)]
pub(super) struct UserResource {
    user_id: String,
    name: String,
    email: String,
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileResource>,
    /// The profile is missing because the profile service could not be reached.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    degraded: bool,
}

#[derive(Serialize)]
struct ProfileResource {
    bio: String,
    city: String,
    updated_at: Option<String>,
}

impl UserResource {
    pub(super) fn new(user: User, degraded: bool) -> Self {
        let profile = user.profile.map(|profile| ProfileResource {
            bio: profile.bio,
            city: profile.city,
            updated_at: profile.updated_at.map(|time| time.to_string()),
        });
        Self {
            user_id: user.user_id,
            name: user.name,
            email: user.email,
            created_at: user.created_at.map(|time| time.to_string()),
            profile,
            degraded,
        }
    }
}

/// The fields of a user to create. An unknown field is an error.
#[derive(Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct NewUserResource {
    name: String,
    email: String,
    #[serde(default)]
    bio: String,
    #[serde(default)]
    city: String,
}

/// Reads an object only: the code that serde derives would read a list of the fields, too.
impl<'de> Deserialize<'de> for NewUserResource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = NewUserResource;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NewUserResource, A::Error> {
                NewUserResource::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl From<NewUserResource> for NewUser {
    fn from(user: NewUserResource) -> Self {
        Self {
            name: user.name,
            email: user.email,
            bio: user.bio,
            city: user.city,
        }
    }
}
