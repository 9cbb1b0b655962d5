//! The limits are those that the comments of the contracts state.

use std::time::Duration;

use proto::{
    limits::{self, Violations, Watch},
    profile::v1::Profile,
    user::v1::NewUser,
};
use rstest::rstest;

fn fields(checked: Result<(), Violations>) -> Vec<&'static str> {
    let violations = checked.err().unwrap_or_default();
    violations.iter().map(|violation| violation.field).collect()
}

#[rstest]
#[case("1", true, "the shortest")]
#[case(&"x".repeat(64), true, "the longest")]
#[case("0b5c3f2e-0f6f-4b0e-9d8c-1f2e3d4c5b6a", true, "a UUID")]
#[case("", false, "empty")]
#[case(&"x".repeat(65), false, "too long")]
#[case("a b", false, "a space")]
#[case("ä", false, "a letter beyond ASCII")]
#[case("1;DROP TABLE users", false, "punctuation")]
#[case("../1", false, "a path")]
#[case("1\0", false, "a control character")]
fn a_user_id_keeps_to_its_alphabet(#[case] id: &str, #[case] valid: bool, #[case] reason: &str) {
    let expected: &[&str] = if valid { &[] } else { &["user_id"] };
    assert_eq!(fields(limits::user_id(id)), expected, "{reason}");
}

#[rstest]
#[case("a@b", true, "the shortest")]
#[case("ada.lovelace@example.com", true, "an ordinary one")]
#[case(&format!("{}@b", "x".repeat(252)), true, "the longest")]
#[case("jürgen@bücher.example", true, "letters beyond ASCII")]
#[case("", false, "empty")]
#[case("ab", false, "no @")]
#[case("@b.example", false, "@ first")]
#[case("a@", false, "@ last")]
#[case("a@b@c", false, "two of them")]
#[case("a b@c", false, "a space")]
#[case("a@b\n", false, "a line break")]
#[case("a\0@b", false, "NUL")]
#[case(&format!("{}@b", "x".repeat(253)), false, "too long")]
fn an_email_has_one_at_sign(#[case] email: &str, #[case] valid: bool, #[case] reason: &str) {
    let user = NewUser {
        name: "Ada".to_owned(),
        email: email.to_owned(),
        ..NewUser::default()
    };
    let expected: &[&str] = if valid { &[] } else { &["user.email"] };
    assert_eq!(fields(limits::new_user(Some(&user))), expected, "{reason}");
}

#[rstest]
#[case("", "", "", &["user.name"], "a name is required")]
#[case(&"ü".repeat(100), &"ü".repeat(500), &"ü".repeat(80), &[], "characters, not bytes")]
#[case(&"x".repeat(101), "", "", &["user.name"], "a long name")]
#[case("Ada", &"x".repeat(501), "", &["user.bio"], "a long text")]
#[case("Ada", "", &"x".repeat(81), &["user.city"], "a long city")]
#[case("Ada", "two\nlines\tand a tab", "", &[], "line breaks and tabs")]
#[case("Ada\0", "\u{1b}[31m", "\u{7f}", &["user.name", "user.bio", "user.city"], "control characters")]
fn texts_keep_to_their_length(
    #[case] name: &str,
    #[case] bio: &str,
    #[case] city: &str,
    #[case] expected: &[&str],
    #[case] reason: &str,
) {
    let user = NewUser {
        name: name.to_owned(),
        email: "ada@example.com".to_owned(),
        bio: bio.to_owned(),
        city: city.to_owned(),
    };
    assert_eq!(fields(limits::new_user(Some(&user))), expected, "{reason}");
}

#[test]
fn a_missing_message_is_named() {
    assert_eq!(fields(limits::new_user(None)), ["user"]);
    assert_eq!(fields(limits::profile(None)), ["profile"]);
}

#[test]
fn a_profile_names_each_field_at_fault() {
    let profile = Profile {
        user_id: "?".to_owned(),
        bio: "x".repeat(501),
        city: "x".repeat(81),
        updated_at: None,
    };
    let expected = ["profile.user_id", "profile.bio", "profile.city"];
    assert_eq!(fields(limits::profile(Some(&profile))), expected);
}

#[rstest]
#[case(b"k", true, "the shortest")]
#[case(&[b'k'; 128], true, "the longest")]
#[case(b"", false, "empty")]
#[case(&[b'k'; 129], false, "too long")]
#[case(b"a key", false, "a space")]
#[case("schlüssel".as_bytes(), false, "beyond ASCII")]
#[case(b"k\x7f", false, "a control character")]
fn an_idempotency_key_is_visible(#[case] key: &[u8], #[case] valid: bool, #[case] reason: &str) {
    let expected: &[&str] = if valid { &[] } else { &["idempotency-key"] };
    assert_eq!(fields(limits::idempotency_key(key)), expected, "{reason}");
}

#[rstest]
#[case(0, None, 3, 200)]
#[case(1, Some((0, 10_000_000)), 1, 10)]
#[case(1000, Some((60, 0)), 1000, 60_000)]
fn a_watch_has_defaults(
    #[case] updates: u32,
    #[case] interval: Option<(i64, i32)>,
    #[case] expected_updates: u32,
    #[case] expected_ms: u64,
) {
    let interval = interval.map(|(seconds, nanos)| prost_types::Duration { seconds, nanos });
    let expected = Watch {
        updates: expected_updates,
        interval: Duration::from_millis(expected_ms),
    };
    assert_eq!(limits::watch("1", updates, interval.as_ref()), Ok(expected));
}

#[rstest]
#[case("", 1001, (0, 0), &["user_id", "updates", "interval"])]
#[case("1", 1, (0, 9_999_999), &["interval"])]
#[case("1", 1, (60, 1), &["interval"])]
#[case("1", 1, (-1, 0), &["interval"])]
#[case("1", 1, (i64::MIN, i32::MIN), &["interval"])]
#[case("1", 1, (i64::MAX, i32::MAX), &["interval"])]
#[case("1", 1, (1, 1_000_000_000), &["interval"])]
#[case("1", u32::MAX, (1, 0), &["updates"])]
fn a_watch_out_of_bounds_is_refused(
    #[case] user_id: &str,
    #[case] updates: u32,
    #[case] (seconds, nanos): (i64, i32),
    #[case] expected: &[&str],
) {
    let interval = prost_types::Duration { seconds, nanos };
    let watched = limits::watch(user_id, updates, Some(&interval));
    assert_eq!(fields(watched.map(drop)), expected);
}
