//! Files of scenarios, and what they say.

mod mistakes;
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
    let changed = "profiles = 2\nprofile_policy = 'least_request'\nrate_limit = 7\nbaggage_keys = 'a,b'\ntoken = 'a:b c:d'\n";
    let processes = "processes = \"\"\"\nprofile 2 STOP\nuser TERM after 3\n\"\"\"\n";
    let scenario = read(&[text, changed, processes].concat()).unwrap();
    assert!(scenario.needs_launcher());
    let expected = Setup {
        tokens: true,
        rate_limit: Some(7),
        baggage: Some("a,b".to_owned()),
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
