//! Users as they are printed: a few readable lines, or JSON.

use std::{
    fmt::{self, Display, Formatter},
    time::SystemTime,
};

use proto::user::v1::User;
use serde::Serialize;

use crate::output::{Printable, cell};

/// One user with their profile.
#[derive(Debug, Serialize)]
pub(super) struct UserView {
    user_id: String,
    name: String,
    email: String,
    created_at: Option<String>,
    profile: Option<ProfileView>,
}

#[derive(Debug, Serialize)]
struct ProfileView {
    bio: String,
    city: String,
    updated_at: Option<String>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            user_id: user.user_id,
            name: user.name,
            email: user.email,
            created_at: user.created_at.and_then(|at| rfc3339(at.try_into().ok()?)),
            profile: user.profile.map(|profile| ProfileView {
                bio: profile.bio,
                city: profile.city,
                updated_at: profile
                    .updated_at
                    .and_then(|at| rfc3339(at.try_into().ok()?)),
            }),
        }
    }
}

/// `None` for times outside the years 1970 to 9999, which the format cannot write.
fn rfc3339(at: SystemTime) -> Option<String> {
    let in_range = at.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs() < 253_402_300_800;
    in_range.then(|| humantime::format_rfc3339_millis(at).to_string())
}

impl UserView {
    /// One line, for lists.
    pub(super) fn summary(&self) -> String {
        let city = self
            .profile
            .as_ref()
            .map_or("no profile", |profile| &profile.city);
        let columns = [(&self.user_id, 6), (&self.name, 24), (&self.email, 32)];
        let columns = columns.map(|(text, width)| cell(text, width));
        format!("{} {}", columns.join(" "), Printable(city))
    }
}

impl Display for UserView {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "user      {}", Printable(&self.user_id))?;
        write!(f, "\nname      {}", Printable(&self.name))?;
        write!(f, "\nemail     {}", Printable(&self.email))?;
        if let Some(at) = &self.created_at {
            write!(f, "\ncreated   {at}")?;
        }
        match &self.profile {
            Some(ProfileView { city, bio, .. }) => {
                let (city, bio) = (Printable(city), Printable(bio));
                write!(f, "\ncity      {city}\nbio       {bio}")
            }
            None => write!(f, "\nprofile   none"),
        }
    }
}
