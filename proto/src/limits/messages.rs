use super::Violations;
use crate::{
    profile::v1::{Event, Profile},
    user::v1::NewUser,
};

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

/// Events to keep, in the field `events`.
///
/// # Errors
/// The [`Violations`], when there are any.
pub fn events(events: &[Event]) -> Result<(), Violations> {
    let mut violations = Violations::default();
    let holds = (1..=1000).contains(&events.len());
    violations.expect(holds, "events", "expected 1 to 1000 events");
    // The first event that breaks a limit: others would break the same one.
    if let Some(broken) = events.iter().map(event).find(Result::is_err) {
        broken?;
    }
    violations.into_result()
}

fn event(event: &Event) -> Result<(), Violations> {
    let mut violations = Violations::default();
    check_user_id(&mut violations, "events.id", &event.id);
    let is_type =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
    let holds = (1..=64).contains(&event.r#type.len()) && event.r#type.bytes().all(is_type);
    violations.expect(
        holds,
        "events.type",
        "expected 1 to 64 characters of a-z 0-9 _ .",
    );
    check_user_id(&mut violations, "events.subject", &event.subject);
    let holds = event.time.is_some_and(|time| {
        (0..=LAST_SECOND).contains(&time.seconds) && (0..1_000_000_000).contains(&time.nanos)
    });
    violations.expect(
        holds,
        "events.time",
        "expected a time between 1970 and 9999",
    );
    violations.text("events.traceparent", &event.traceparent, 0..=8192);
    violations.text("events.tracestate", &event.tracestate, 0..=8192);
    violations.text("events.baggage", &event.baggage, 0..=8192);
    violations.into_result()
}

/// The last second of the year 9999, as `google.protobuf.Timestamp` has it.
const LAST_SECOND: i64 = 253_402_300_799;

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
