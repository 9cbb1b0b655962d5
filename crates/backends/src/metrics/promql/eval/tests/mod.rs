//! Queries, and their answers.

mod fixed;

use std::time::Duration;

use rstest::rstest;

use super::{Timeline, Value, evaluate};
use crate::metrics::{
    number::format_value,
    promql::{EvalError, parse},
    tsdb::{Budget, BudgetError, Labels},
};
use fixed::fixed;

fn ask(query: &str, timeline: Timeline) -> Result<Value, EvalError> {
    let expr = parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let budget = Budget::new(Duration::from_mins(1));
    evaluate(&expr, &fixed(), timeline, &budget)
}

/// Each row at 600 s as a text, sorted.
fn at_600(query: &str) -> Vec<String> {
    match ask(query, Timeline::at(600_000)).unwrap() {
        Value::Scalar(numbers) => numbers.into_iter().map(format_value).collect(),
        Value::Vector(rows) => {
            let texts = rows.iter().filter_map(|row| {
                let value = format_value((row.values[0]? * 1e6).round() / 1e6);
                Some(format!("{} {value}", row.labels))
            });
            texts.collect()
        }
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case("1 + 2 * 3 ^ 2 ^ 0", &["7"])]
#[case("-2 ^ 2", &["-4"])]
#[case("time() - 5m", &["300"])]
#[case("up", &["up{job=\"a\", zone=\"x\"} 1", "up{job=\"b\", zone=\"y\"} 0"])]
#[case("up == 0", &["up{job=\"b\", zone=\"y\"} 0"])]
#[case("0 == up", &["up{job=\"b\", zone=\"y\"} 0"])]
#[case("up == bool 0", &["{job=\"a\", zone=\"x\"} 0", "{job=\"b\", zone=\"y\"} 1"])]
#[case("-up{job=\"a\"}", &["{job=\"a\", zone=\"x\"} -1"])]
#[case("sum by (job) (calls)", &["{job=\"a\"} 660", "{job=\"b\"} 0"])]
#[case("sum without (code) (calls{job=\"a\"})", &["{job=\"a\"} 660"])]
#[case("avg(calls)", &["{} 220"])]
#[case("count(calls) + 1", &["{} 4"])]
#[case("quantile(0.5, calls)", &["{} 60"])]
#[case("topk(1, calls)", &["calls{code=\"OK\", job=\"a\"} 600"])]
#[case("bottomk(1, calls{job=\"a\"})", &["calls{code=\"NO\", job=\"a\"} 60"])]
#[case("count_values(\"v\", up)", &["{v=\"0\"} 1", "{v=\"1\"} 1"])]
#[case("rate(calls{code=\"NO\"}[1m])", &["{code=\"NO\", job=\"a\"} 0.1"])]
#[case("increase(calls{job=\"b\"}[1m])", &["{code=\"OK\", job=\"b\"} 4.8"])]
#[case("irate(calls{job=\"a\", code=\"OK\"}[1m])", &["{code=\"OK\", job=\"a\"} 1"])]
#[case("resets(calls{job=\"b\"}[10m])", &["{code=\"OK\", job=\"b\"} 2"])]
#[case("max_over_time(calls{job=\"b\"}[5m])", &["{code=\"OK\", job=\"b\"} 29"])]
#[case("last_over_time(gone[10m])", &["gone{job=\"a\"} 1"])]
#[case("max_over_time(sum(up)[1m:10s])", &["{} 1"])]
#[case("calls{code=\"NO\"} offset 5m", &["calls{code=\"NO\", job=\"a\"} 30"])]
#[case("calls{code=\"NO\"} @ 100", &["calls{code=\"NO\", job=\"a\"} 10"])]
#[case("gone", &[])]
#[case("gone offset 301s", &["gone{job=\"a\"} 1"])]
#[case("absent(gone{job=\"a\", zone=~\"x\"})", &["{job=\"a\"} 1"])]
#[case("absent(up)", &[])]
#[case("absent_over_time({__name__=~\"gone|level\"}[10m])", &[])]
#[case("up * on (job) sum by (job) (calls)", &["{job=\"a\"} 660", "{job=\"b\"} 0"])]
#[case("calls * on (job) group_left (zone) up{job=\"b\"}", &["{code=\"OK\", job=\"b\", zone=\"y\"} 0"])]
#[case("up{job=\"b\"} - on (job) group_right () calls", &["{code=\"OK\", job=\"b\"} 0"])]
#[case("calls{code=\"OK\"} > on (job) up * 100", &["{job=\"a\"} 600"])]
#[case("calls and on (job) up == 1", &["calls{code=\"NO\", job=\"a\"} 60", "calls{code=\"OK\", job=\"a\"} 600"])]
#[case("up unless on (job) calls{job=\"a\"}", &["up{job=\"b\", zone=\"y\"} 0"])]
#[case("sum(nothing) or vector(0)", &["{} 0"])]
#[case("label_replace(up{job=\"a\"}, \"to\", \"$1-\", \"zone\", \"(.*)\")", &["up{job=\"a\", to=\"x-\", zone=\"x\"} 1"])]
#[case("label_join(up{job=\"a\"}, \"to\", \"/\", \"job\", \"zone\")", &["up{job=\"a\", to=\"a/x\", zone=\"x\"} 1"])]
#[case("clamp_min(up, 0.5)", &["{job=\"a\", zone=\"x\"} 1", "{job=\"b\", zone=\"y\"} 0.5"])]
#[case("round(vector(2.55), 0.1)", &["{} 2.6"])]
#[case("scalar(up{job=\"a\"}) + scalar(up)", &["NaN"])]
#[case("predict_linear(calls{code=\"NO\"}[5m], 100)", &["{code=\"NO\", job=\"a\"} 70"])]
#[case("predict_linear(calls{code=\"NO\"}[5m] offset 3m, 100)", &["{code=\"NO\", job=\"a\"} 70"])]
#[case("timestamp(up{job=\"a\"} offset 5s)", &["{job=\"a\", zone=\"x\"} 590"])]
fn a_query_has_its_answer(#[case] query: &str, #[case] answer: &[&str]) {
    let mut rows = at_600(query);
    rows.sort();
    assert_eq!(rows, answer, "{query}");
}

#[rstest]
#[case("up / on () calls", "many-to-many")]
#[case("calls / on (job) up", "group_left/group_right")]
#[case("calls > bool on (job) up * 100", "group_left/group_right")]
#[case("calls > on (job) up * 100", "group_left/group_right")]
#[case("calls >= on (job) up", "group_left/group_right")]
#[case(
    "{job=\"a\", zone=\"x\"} * on (job) group_left () calls",
    "found duplicate series"
)]
#[case(
    "label_replace(up, \"\", \"a\", \"zone\", \".*\")",
    "invalid destination label name"
)]
#[case("count_values(\"\", up)", "invalid label name")]
fn what_labels_do_not_allow_is_an_error(#[case] query: &str, #[case] error: &str) {
    let answer = ask(query, Timeline::at(600_000));
    let found = answer.unwrap_err().to_string();
    assert!(found.contains(error), "{found}");
}

#[test]
fn each_step_of_a_time_is_that_moment() {
    let timeline = Timeline::between(0, 600_000, 7_000);
    for query in [
        "up",
        "gone",
        "rate(calls[1m])",
        "topk(1, calls)",
        "calls or up",
        "sum by (job) (calls) > 100 or vector(1)",
        "max_over_time(calls[2m:15s])",
    ] {
        let Value::Vector(rows) = ask(query, timeline).unwrap() else {
            panic!("{query}");
        };
        for (step, moment) in timeline.moments().enumerate() {
            let there = rows.iter();
            let there = there.filter_map(|row| Some((row.labels.clone(), row.values[step]?)));
            let mut there: Vec<(Labels, f64)> = there.collect();
            let Value::Vector(alone) = ask(query, Timeline::at(moment)).unwrap() else {
                panic!("{query}");
            };
            let alone = alone.into_iter();
            let alone = alone.filter_map(|row| Some((row.labels, row.values[0]?)));
            let mut alone: Vec<(Labels, f64)> = alone.collect();
            there.sort_by(|a, b| a.0.cmp(&b.0));
            alone.sort_by(|a, b| a.0.cmp(&b.0));
            assert_eq!(there, alone, "{query} at {moment}");
        }
    }
}

#[test]
fn the_end_is_the_one_that_was_asked_for() {
    // The last step is at 500 s.
    let timeline = Timeline::between(0, 599_000, 100_000);
    for (query, value) in [
        ("level @ end()", 59.0),
        ("level @ start()", 0.0),
        ("max_over_time(level[1m] @ end())", 59.0),
        ("max_over_time((level @ end())[1m:10s])", 59.0),
    ] {
        let Value::Vector(rows) = ask(query, timeline).unwrap() else {
            panic!("{query}");
        };
        assert_eq!(rows[0].values, [Some(value); 6], "{query}");
    }
}

#[test]
fn a_query_that_is_too_much_is_refused() {
    let huge = Timeline::between(0, 3_000_000_000, 1000);
    let answer = ask("calls + calls + calls", huge);
    assert_eq!(answer.unwrap_err(), BudgetError::TooManySamples.into());
    let answer = ask("max_over_time(vector(1)[100y:1ms])", Timeline::at(600_000));
    assert_eq!(answer.unwrap_err(), BudgetError::TooManySamples.into());
    let expr = parse("sum(up)").unwrap();
    let budget = Budget::new(Duration::ZERO);
    let late = evaluate(&expr, &fixed(), Timeline::at(0), &budget);
    assert_eq!(late.unwrap_err(), BudgetError::Timeout.into());
}
