use proto::user::v1::{NewUser, User};
use serde::{Deserialize, Serialize};

/// A user, as the HTTP/JSON door shows one.
#[derive(Serialize)]
pub(super) struct UserResource {
    user_id: String,
    name: String,
    email: String,
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileResource>,
    /// The profile is missing because nobody could be asked for it.
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

/// What it takes to make a user. An unknown field is a mistake worth telling.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUserResource {
    name: String,
    email: String,
    #[serde(default)]
    bio: String,
    #[serde(default)]
    city: String,
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
