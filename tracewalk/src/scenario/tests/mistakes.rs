//! Files with mistakes.

use rstest::rstest;

use super::{GOOD, read};

#[rstest]
#[case("title = \"t\"", "title = t", "1: ")]
#[case("lesson = \"l\"", "lesson = 1", "2: invalid type: integer")]
#[case(
    "lesson = \"l\"",
    "moral = \"l\"",
    "2: unknown field `moral`, expected one of"
)]
#[case(
    "\"watch\"",
    "\"ping\"",
    "3: `ping` is not a kind of call: expected one of get, create"
)]
#[case(
    "user:hang",
    "usr:hang",
    "4: there is no `usr`: expected one of gateway, user"
)]
#[case(
    "user:hang",
    "user:hung",
    "4: `user:hung` is not a valid fault: expected delay=TIME"
)]
#[case("parallel = 2", "parallel = 0", "6: expected 1 to 100000")]
#[case("parallel = 2", "share = 0.6", "6: expected 0.01 to 0.5")]
#[case(
    "250ms",
    "250",
    "7: `250` is not a duration: expected one as 250ms or 2s"
)]
#[case("\"watch\"", "\"get\"", "8: only a watch has updates")]
#[case(
    "count = 2",
    "count = 2\nidempotency_key = false",
    "6: only a user that is made"
)]
#[case("OK = 1", "OK = 2", "10: the codes are those of 3 calls: expected 2")]
#[case(
    "OK = 1",
    "Ok = 1",
    "10: `Ok` is not a status code: expected one as NOT_FOUND"
)]
#[case("gateway server", "  gateway server", "12: nothing is above it")]
#[case(
    "user server",
    "user sever",
    "13: `sever` is not a kind of span: expected server"
)]
#[case(
    "user server",
    "mail server",
    "13: there is no `mail`: expected one of gateway"
)]
#[case("server WatchUser\n", "server\n", "13: expected [no] SERVICE")]
#[case(
    "WatchUser OK",
    "WatchUser fine",
    "12: `fine` is not a claim: expected KEY=VALUE"
)]
#[case(
    "WatchUser OK",
    "WatchUser duration>=x",
    "12: `duration>=x` is not a claim"
)]
#[case("WatchUser OK", "WatchUser a<=x", "12: `a<=x` is not a claim")]
#[case(
    "+1..2",
    "1",
    "16: `user circuit_breaker_state{target=\"profile\"} 1` moves no metric"
)]
#[case(
    "count = 2",
    "count = 2\nusers = 9",
    "6: only a lookup or an import has"
)]
#[case(
    "count = 2",
    "count = 2\nbaggage = 'blue'",
    "6: `blue` is not baggage: expected KEY=VALUE"
)]
#[case("OK = 1", "OK = '2..1'", "10: `2..1` is not a count: expected")]
#[case(
    "OK = 1",
    "OK = '2..3'",
    "10: the codes are those of 3 calls: expected 2"
)]
#[case("WatchUser OK", "WatchUser OK ×0", "12: `×0` is not a number of spans")]
#[case("user circuit", "user count(circuit", "16: ")]
#[case(
    "metrics =",
    "exemplars =",
    "16: `user circuit_breaker_state{target=\"profile\"} +1..2` is not a series"
)]
#[case("+1..2", "+1..x", "16: ")]
#[case("+1..2", "+2..1", "16: ")]
#[case("+1..2", "+NaN", "16: ")]
#[case("+1..2", "+-1", "16: ")]
#[case("+1..2", "=x", "16: ")]
#[case(
    "spans = ",
    "linked = ",
    "12: a trace with a link begins with `send` or `consumer`"
)]
#[case("count = 2", "count = 0", "5: expected 1 to 100000")]
#[case("count = 2", "count = 4000000000", "5: expected 1 to 100000")]
#[case("250ms", "0s", "7: `0s` is not a deadline: expected 1ms to 1h")]
#[case("250ms", "20000y", "7: `20000y` is not a deadline: expected 1ms to 1h")]
#[case(
    "updates = 7",
    "updates = 2",
    "9: the caller would not leave: expected less than 2, as `updates` says"
)]
#[case(
    "OK = 1",
    "OK = 2, NOT_FOUND = 0",
    "10: `NOT_FOUND` is of no call: expected 1 or more"
)]
#[case(
    "gateway server",
    "no gateway server",
    "13: nothing is below a span that is not there"
)]
#[case(
    "count = 2",
    "count = 2\ntoken = 'good'",
    "6: `good` is no token: expected `forged`, or scopes as `users:write`"
)]
#[case("count = 2", "count = 2\nrate_limit = 0", "6: expected 1 to")]
#[case("count = 2", "count = 2\nprofiles = 4", "6: expected 1 to 3")]
#[case(
    "count = 2",
    "count = 2\nprofile_policy = 'fair'",
    "6: \"fair\" is not a policy: expected pick_first"
)]
#[case(
    "count = 2",
    "count = 2\nprocesses = 'profile 1 HUP'",
    "6: `profile 1 HUP` is done to no process: expected SERVICE"
)]
#[case(
    "count = 2",
    "count = 2\nprocesses = 'profile 2 STOP'",
    "6: there is no profile 2: expected at most 1"
)]
#[case(
    "count = 2",
    "count = 2\nprocesses = 'user KILL after 2'",
    "6: not so many calls are made: expected less than 2"
)]
#[case(
    "count = 2",
    "count = 2\nspans_of = 'INTERNAL'",
    "6: no call ends with `INTERNAL`: expected one of `codes`"
)]
#[case("user circuit", "user 0 circuit", "16: ")]
#[case("WatchUser OK", "WatchUser <=5", "12: `<=5` is not a claim")]
#[case("WatchUser OK", "WatchUser a<=NaN", "12: `a<=NaN` is not a claim")]
#[case("WatchUser OK", "WatchUser a<=5=6", "12: `a<=5=6` is not a claim")]
fn a_mistake_is_named_with_its_line_and_what_was_expected(
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] expected: &str,
) {
    let text = GOOD.replacen(right, wrong, 1);
    assert_ne!(text, GOOD);
    let error = read(&text).unwrap_err();
    let expected = format!("mine.toml:{expected}");
    assert!(error.starts_with(&expected), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn the_line_of_a_mistake_is_right_in_a_file_of_windows() {
    let text = GOOD
        .replace("user server", "user sever")
        .replace('\n', "\r\n");
    let error = read(&text).unwrap_err();
    assert!(error.starts_with("mine.toml:13: "), "{error}");
}

#[test]
fn a_file_without_its_codes_is_no_scenario() {
    let error = read("title = 't'\nlesson = 'l'").unwrap_err();
    assert!(error.contains("missing field `codes`"), "{error}");
}
