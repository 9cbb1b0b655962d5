use super::Violations;
use crate::{profile::v1::Profile, user::v1::NewUser};

/// The id of a user, in the field `user_id`: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
///
/// # Errors
/// The [`Violations`], when there are any.
pub fn user_id(value: &str) -> Result<(), Violations> {
    let mut violations = Violations::default();
    check_user_id(&mut violations, "user_id", value);
    violations.into_result()
}

/// A user to make, in the field `user`.
///
/// # Errors
/// The [`Violations`], when there are any.
pub fn new_user(user: Option<&NewUser>) -> Result<(), Violations> {
    let mut violations = Violations::default();
    violations.expect(user.is_some(), "user", "expected a user");
    if let Some(user) = user {
        violations.text("user.name", &user.name, 1..=100);
        violations.expect(is_email(&user.email), "user.email", EMAIL_RULE);
        violations.text("user.bio", &user.bio, 0..=500);
        violations.text("user.city", &user.city, 0..=80);
    }
    violations.into_result()
}

/// A profile to keep, in the field `profile`.
///
/// # Errors
/// The [`Violations`], when there are any.
pub fn profile(profile: Option<&Profile>) -> Result<(), Violations> {
    let mut violations = Violations::default();
    violations.expect(profile.is_some(), "profile", "expected a profile");
    if let Some(profile) = profile {
        check_user_id(&mut violations, "profile.user_id", &profile.user_id);
        violations.text("profile.bio", &profile.bio, 0..=500);
        violations.text("profile.city", &profile.city, 0..=80);
    }
    violations.into_result()
}

/// The metadata `idempotency-key`: 1 to 128 visible ASCII characters.
///
/// # Errors
/// The [`Violations`], when there are any.
pub fn idempotency_key(value: &[u8]) -> Result<(), Violations> {
    let mut violations = Violations::default();
    let holds = (1..=128).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic);
    let rule = "expected 1 to 128 visible ASCII characters";
    violations.expect(holds, "idempotency-key", rule);
    violations.into_result()
}

const EMAIL_RULE: &str = "expected 3 to 254 characters without spaces or control characters, with \
                          one @ that is neither first nor last";

fn is_email(value: &str) -> bool {
    let around_at = value.split_once('@').is_some_and(|(before, after)| {
        !before.is_empty() && !after.is_empty() && !after.contains('@')
    });
    let blank = |character: char| character.is_whitespace() || character.is_control();
    around_at && value.chars().count() <= 254 && !value.contains(blank)
}

fn check_user_id(violations: &mut Violations, field: &'static str, value: &str) {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let holds = (1..=64).contains(&value.len()) && value.bytes().all(is_allowed);
    violations.expect(
        holds,
        field,
        "expected 1 to 64 characters of A-Z a-z 0-9 _ -",
    );
}
