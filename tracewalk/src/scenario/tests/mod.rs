//! Files with mistakes.

mod trace;

use rstest::rstest;

use crate::scenario::{
    file::Scenario, metrics::Delta, spans::Expected, token::Token, workload::CallKind,
};
use crate::{control::Setup, load::Kind};

const GOOD: &str = r#"title = "t"
lesson = "l"
call = "watch"
fault = "profile:delay=1s&user:hang"
count = 2
parallel = 2
deadline = "250ms"
updates = 7
leave_after = 3
codes = { OK = 1, CANCELLED = 1 }
spans = """
gateway server WatchUser OK
  user server WatchUser
"""
metrics = """
user circuit_breaker_state{target="profile"} +1..2
"""
"#;

fn read(text: &str) -> Result<Scenario, String> {
    Scenario::read("mine", "mine.toml", text).map_err(|error| error.to_string())
}

#[test]
fn a_file_says_what_is_called_and_what_is_to_be_seen() {
    let scenario = read(GOOD).unwrap();
    let calls = &scenario.calls;
    assert_eq!(calls.kind, CallKind::Known(Kind::Watch));
    assert_eq!(calls.faults.len(), 2);
    assert_eq!((calls.count, calls.parallel, calls.updates), (2, 2, 7));
    assert_eq!(calls.deadline.as_millis(), 250);
    assert_eq!(calls.leave_after, Some(3));
    assert_eq!((scenario.spans.len(), scenario.metrics.len()), (2, 1));
}

#[test]
fn a_file_says_how_the_stack_runs_and_what_becomes_of_its_processes() {
    let text = "title = 't'\nlesson = 'l'\ncount = 9\ncodes = { OK = 9 }\n";
    assert!(!read(text).unwrap().needs_launcher());
    let changed =
        "profiles = 2\nprofile_policy = 'least_request'\nrate_limit = 7\ntoken = 'a:b c:d'\n";
    let processes = "processes = \"\"\"\nprofile 2 STOP\nuser TERM after 3\n\"\"\"\n";
    let scenario = read(&[text, changed, processes].concat()).unwrap();
    assert!(scenario.needs_launcher());
    let expected = Setup {
        tokens: true,
        rate_limit: Some(7),
        profiles: 2,
        profile_policy: Some("least_request".to_owned()),
    };
    assert_eq!(scenario.setup, expected);
    let scopes = ["a:b", "c:d"].map(str::to_owned).to_vec();
    assert_eq!(scenario.token, Some(Token::Scopes(scopes)));
    let (first, later) = scenario.first_and_later();
    assert_eq!(first[0].to_string(), "profile 2 STOP");
    assert_eq!(later[0].to_string(), "user 1 TERM after 3");
}

#[test]
fn what_a_file_leaves_out_is_one_plain_call() {
    let scenario = read("title = 't'\nlesson = 'l'\ncodes = { OK = 1 }").unwrap();
    let calls = &scenario.calls;
    let get = CallKind::Known(Kind::Get);
    assert_eq!((calls.kind, calls.count, calls.parallel), (get, 1, 1));
    assert!(calls.sampled && calls.baggage.is_none());
    assert_eq!(calls.deadline.as_secs(), 10);
    assert!(calls.faults.is_empty() && calls.without_fault == 0 && !calls.wait_for_recovery);
}

#[rstest]
#[case("title = \"t\"", "title = t", "mine.toml:1: ")]
#[case("lesson = \"l\"", "lesson = 1", "mine.toml:2: invalid type: integer")]
#[case(
    "lesson = \"l\"",
    "moral = \"l\"",
    "mine.toml:2: unknown field `moral`, expected one of"
)]
#[case(
    "\"watch\"",
    "\"ping\"",
    "mine.toml:3: `ping` is not a kind of call: expected one of get, create"
)]
#[case(
    "user:hang",
    "usr:hang",
    "mine.toml:4: there is no `usr`: expected one of gateway, user"
)]
#[case(
    "user:hang",
    "user:hung",
    "mine.toml:4: `user:hung` is not a valid fault: expected delay=TIME"
)]
#[case("parallel = 2", "parallel = 0", "mine.toml:6: expected 1 to 100000")]
#[case("parallel = 2", "share = 0.6", "mine.toml:6: expected 0.01 to 0.5")]
#[case(
    "250ms",
    "250",
    "mine.toml:7: `250` is not a duration: expected one as 250ms or 2s"
)]
#[case("\"watch\"", "\"get\"", "mine.toml:8: only a watch has updates")]
#[case(
    "count = 2",
    "count = 2\nidempotency_key = false",
    "mine.toml:6: only a user that is made"
)]
#[case(
    "OK = 1",
    "OK = 2",
    "mine.toml:10: the codes are those of 3 calls: expected 2"
)]
#[case(
    "OK = 1",
    "Ok = 1",
    "mine.toml:10: `Ok` is not a status code: expected one as NOT_FOUND"
)]
#[case(
    "gateway server",
    "  gateway server",
    "mine.toml:12: nothing is above it"
)]
#[case(
    "user server",
    "user sever",
    "mine.toml:13: `sever` is not a kind of span: expected server"
)]
#[case(
    "user server",
    "mail server",
    "mine.toml:13: there is no `mail`: expected one of gateway"
)]
#[case(
    "server WatchUser\n",
    "server\n",
    "mine.toml:13: expected [no] SERVICE"
)]
#[case(
    "WatchUser OK",
    "WatchUser fine",
    "mine.toml:12: `fine` is not a claim: expected KEY=VALUE"
)]
#[case(
    "WatchUser OK",
    "WatchUser duration>=x",
    "mine.toml:12: `duration>=x` is not a claim"
)]
#[case(
    "WatchUser OK",
    "WatchUser a<=x",
    "mine.toml:12: `a<=x` is not a claim"
)]
#[case(
    "+1..2",
    "1",
    "mine.toml:16: `user circuit_breaker_state{target=\"profile\"} 1` moves no metric"
)]
#[case(
    "count = 2",
    "count = 2\nusers = 9",
    "mine.toml:6: only a lookup or an import has"
)]
#[case(
    "count = 2",
    "count = 2\nbaggage = 'blue'",
    "mine.toml:6: `blue` is not baggage: expected KEY=VALUE"
)]
#[case(
    "OK = 1",
    "OK = '2..1'",
    "mine.toml:10: `2..1` is not a count: expected"
)]
#[case(
    "OK = 1",
    "OK = '2..3'",
    "mine.toml:10: the codes are those of 3 calls: expected 2"
)]
#[case(
    "WatchUser OK",
    "WatchUser OK ×0",
    "mine.toml:12: `×0` is not a number of spans"
)]
#[case("user circuit", "user count(circuit", "mine.toml:16: ")]
#[case(
    "metrics =",
    "exemplars =",
    "mine.toml:16: `user circuit_breaker_state{target=\"profile\"} +1..2` is not a series"
)]
#[case("+1..2", "+1..x", "mine.toml:16: ")]
#[case("+1..2", "+2..1", "mine.toml:16: ")]
#[case("+1..2", "+NaN", "mine.toml:16: ")]
#[case("+1..2", "+-1", "mine.toml:16: ")]
#[case("+1..2", "=x", "mine.toml:16: ")]
#[case(
    "spans = ",
    "linked = ",
    "mine.toml:12: a trace with a link begins with `send` or `consumer`"
)]
#[case("count = 2", "count = 0", "mine.toml:5: expected 1 to 100000")]
#[case("count = 2", "count = 4000000000", "mine.toml:5: expected 1 to 100000")]
#[case(
    "250ms",
    "0s",
    "mine.toml:7: `0s` is not a deadline: expected 1ms to 1h"
)]
#[case(
    "250ms",
    "20000y",
    "mine.toml:7: `20000y` is not a deadline: expected 1ms to 1h"
)]
#[case(
    "updates = 7",
    "updates = 2",
    "mine.toml:9: the caller would not leave: expected less than 2, as `updates` says"
)]
#[case(
    "OK = 1",
    "OK = 2, NOT_FOUND = 0",
    "mine.toml:10: `NOT_FOUND` is of no call: expected 1 or more"
)]
#[case(
    "gateway server",
    "no gateway server",
    "mine.toml:13: nothing is below a span that is not there"
)]
#[case(
    "count = 2",
    "count = 2\ntoken = 'good'",
    "mine.toml:6: `good` is no token: expected `forged`, or scopes as `users:write`"
)]
#[case("count = 2", "count = 2\nrate_limit = 0", "mine.toml:6: expected 1 to")]
#[case("count = 2", "count = 2\nprofiles = 4", "mine.toml:6: expected 1 to 3")]
#[case(
    "count = 2",
    "count = 2\nprofile_policy = 'fair'",
    "mine.toml:6: \"fair\" is not a policy: expected pick_first"
)]
#[case(
    "count = 2",
    "count = 2\nprocesses = 'profile 1 HUP'",
    "mine.toml:6: `profile 1 HUP` is done to no process: expected SERVICE"
)]
#[case(
    "count = 2",
    "count = 2\nprocesses = 'profile 2 STOP'",
    "mine.toml:6: there is no profile 2: expected at most 1"
)]
#[case(
    "count = 2",
    "count = 2\nprocesses = 'user KILL after 2'",
    "mine.toml:6: not so many calls are made: expected less than 2"
)]
#[case(
    "count = 2",
    "count = 2\nspans_of = 'INTERNAL'",
    "mine.toml:6: no call ends with `INTERNAL`: expected one of `codes`"
)]
#[case("user circuit", "user 0 circuit", "mine.toml:16: ")]
#[case("WatchUser OK", "WatchUser <=5", "mine.toml:12: `<=5` is not a claim")]
#[case(
    "WatchUser OK",
    "WatchUser a<=NaN",
    "mine.toml:12: `a<=NaN` is not a claim"
)]
#[case(
    "WatchUser OK",
    "WatchUser a<=5=6",
    "mine.toml:12: `a<=5=6` is not a claim"
)]
fn a_mistake_is_named_with_its_line_and_what_was_expected(
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] expected: &str,
) {
    let text = GOOD.replacen(right, wrong, 1);
    assert_ne!(text, GOOD);
    let error = read(&text).unwrap_err();
    assert!(error.starts_with(expected), "{error}");
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
fn columns_of_metrics_may_be_aligned() {
    let scenario = read(&GOOD.replace("user circuit", "user     circuit")).unwrap();
    assert_eq!(scenario.metrics.len(), 1);
}

#[rstest]
#[case("user count(calls_total{code=\"OK\"}) +0..1", (2.0, 4.0), (false, "+2"))]
#[case("user outbox_events =0", (1.0, 0.0), (true, "0"))]
#[case("user outbox_events =0", (0.0, 2.0), (false, "2"))]
#[case("user calls_total +1", (1.0, 2.0), (true, "+1"))]
#[case("user calls_total +1..2", (1.0, 4.0), (false, "+3"))]
fn a_metric_grows_or_has_a_value_in_the_end(
    #[case] line: &str,
    #[case] (before, after): (f64, f64),
    #[case] (met, seen): (bool, &str),
) {
    let delta = Delta::read(line).unwrap();
    assert_eq!(delta.judge(before, after), (met, seen.to_owned()));
}

#[test]
fn traces_with_a_link_begin_with_a_batch_or_with_its_handling() {
    let text = GOOD.replace(
        "metrics =",
        "linked = \"\"\"\nuser send events\n  user query outbox\nprofile consumer events\n\"\"\"\nmetrics =",
    );
    let linked = read(&text).unwrap().linked;
    let roots: Vec<_> = linked.iter().map(Expected::root).collect();
    let root = |service, name: &str| Some((service, name.to_owned()));
    let expected = [
        root("user", "send events"),
        None,
        root("profile", "process events"),
    ];
    assert_eq!(roots, expected);
}

#[test]
fn codes_may_be_a_table_of_their_own() {
    let scenario = read("title = 't'\nlesson = 'l'\n[codes]\nOK = 1\n").unwrap();
    assert_eq!(scenario.codes.to_string(), "OK 1");
}

#[test]
fn a_file_without_its_codes_is_no_scenario() {
    let error = read("title = 't'\nlesson = 'l'").unwrap_err();
    assert!(error.contains("missing field `codes`"), "{error}");
}
