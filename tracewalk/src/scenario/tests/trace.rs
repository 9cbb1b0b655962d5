//! Traces that are not as expected.

use rstest::rstest;
use serde_json::json;

use crate::{
    scenario::{judge, spans::Expected},
    trace::{Span, Tree},
};

fn span(id: &str, above: &str, service: &str, operation: &str, kind: &str) -> Span {
    Span {
        id: id.to_owned(),
        references: [above.to_owned()]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect(),
        service: service.to_owned(),
        operation: operation.to_owned(),
        kind: kind.to_owned(),
        status: "OK".to_owned(),
        start: id.parse().unwrap(),
        duration: 500,
        attributes: [
            ("n".to_owned(), json!(2)),
            ("sent".to_owned(), json!([format!("7ace-{above}")])),
        ]
        .into(),
        events: vec!["retry".to_owned()],
        ..Span::default()
    }
}

/// A call with two attempts, the second of which is served.
fn tree() -> Tree {
    let mut second = span("4", "2", "gateway", "Attempt u.U/GetUser", "internal");
    second.attributes.insert("n".to_owned(), json!(3));
    Tree::new(vec![
        span("1", "", "gateway", "g.G/GetUser", "server"),
        span("2", "1", "gateway", "u.U/GetUser", "client"),
        span("3", "2", "gateway", "Attempt u.U/GetUser", "internal"),
        second,
        span("5", "4", "user", "u.U/GetUser", "server"),
        span("6", "5", "user", "SELECT users", "client"),
    ])
}

/// Whether each line holds, and what was seen.
fn seen(lines: &str) -> Vec<(bool, String)> {
    let mut expected = Vec::new();
    for line in lines.lines() {
        expected.push(Expected::read(line, &expected).unwrap());
    }
    let verdicts = judge::spans(&expected, &tree(), "7ace");
    verdicts.into_iter().map(|it| (it.met, it.seen)).collect()
}

#[test]
fn a_trace_is_as_expected_when_each_span_is_below_the_right_one() {
    let lines = "gateway server GetUser OK n=2 n<=2 event=retry duration>=500us\n\
                 \x20 gateway client GetUser\n\
                 \x20   gateway attempt GetUser n=3 sent={trace}-{parent}\n\
                 \x20     user server GetUser CANCELLED|OK\n\
                 \x20       user query users\n\
                 \x20   gateway attempt GetUser n=2\n\
                 \x20     no user server GetUser\n\
                 \x20 no profile server GetProfile";
    let seen = seen(lines);
    assert!(seen.iter().all(|(met, _)| *met), "{seen:?}");
}

#[rstest]
#[case("gateway server GetUser UNAVAILABLE", "OK")]
#[case("gateway server GetUser n=1", "n=2")]
#[case("gateway server GetUser n<=1", "n=2")]
#[case("gateway server GetUser m=1", "no m")]
#[case("gateway client GetUser ×2", "×1")]
#[case("gateway attempt GetUser ×2 n=3", "×1")]
#[case("gateway client GetUser sent=7ace-2", "sent=7ace-1")]
#[case("gateway server GetUser event=panic", "no event panic")]
#[case("gateway server GetUser duration>=1ms", "500 µs")]
#[case("gateway server GetUser NOT_FOUND m=1", "OK, no m")]
#[case("gateway server WatchUser", "no such span")]
#[case("no gateway client GetUser", "it is there")]
fn what_is_otherwise_is_said(#[case] line: &str, #[case] instead: &str) {
    assert_eq!(seen(line), [(false, instead.to_owned())]);
}

#[test]
fn a_span_elsewhere_or_expected_before_is_not_taken_for_one() {
    let attempts = "gateway client GetUser\n gateway attempt GetUser\n gateway attempt GetUser\n";
    let third = format!("{attempts} gateway attempt GetUser");
    assert!(!seen(&third)[3].0);
    assert!(!seen("user server GetUser\n gateway attempt GetUser")[1].0);
}

#[test]
fn a_span_that_was_expected_before_may_not_be_what_must_be_absent() {
    let lines = "user server GetUser\nno user server GetUser n=2\nno user server GetUser n=3";
    let seen = seen(lines);
    assert_eq!(seen[1], (false, "it is there".to_owned()));
    assert!(seen[2].0);
}
