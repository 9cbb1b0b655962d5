use rstest::rstest;

use super::{parse, parse_selector};
use crate::metrics::{promql::ValueType, tsdb::MAX_PATTERNS};

#[rstest]
#[case("up")]
#[case("sum")]
#[case("sum by (job, instance,) (rate(a{b=~\"c|d\",}[5m]))")]
#[case("sum(rate(a[5m])) BY (job)")]
#[case("topk(3, a) or on (job) b")]
#[case("a * on (job) group_left (version) b")]
#[case("a == bool on () b")]
#[case("-a ^ 2 + 1e3 % 0x1F")]
#[case("max_over_time(rate(a[1m])[1h:])")]
#[case("rate(a[5m] offset -1h @ 1700000000.5)")]
#[case("a @ start() offset 5m")]
#[case("{__name__=~\"a.+\"}")]
#[case("{\"a\", b=\"c\"}")]
#[case("sum by (\"a.b\", on) ({\"my.metric\", \"label.name\"=~\"x\"})")]
#[case("a + on () group_left 1")]
#[case("a offset +5m @ -1m")]
#[case("label_join(a, \"b\", \"-\")")]
#[case("# a comment\nup == 0")]
#[case("Inf - nan")]
fn a_query_is_read(#[case] text: &str) {
    parse(text).unwrap();
}

#[rstest]
#[case("", "1:1: parse error: no expression found in input")]
#[case(
    "up up",
    "1:4: parse error: unexpected identifier \"up\", expected the end"
)]
#[case("sum(up", "1:7: parse error: unexpected end of input, expected \",\"")]
#[case(
    "{}",
    "1:1: parse error: vector selector must contain at least one non-empty matcher"
)]
#[case(
    "a{b=~\".*\",__name__=\"c\"}",
    "1:11: parse error: metric name must not be set twice"
)]
#[case(
    "nothing(up)",
    "1:1: parse error: unknown function with name \"nothing\""
)]
#[case(
    "rate(up)",
    "1:9: parse error: expected type range vector in call to function \"rate\", got instant vector"
)]
#[case(
    "rate(up[5m], 1)",
    "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 2"
)]
#[case(
    "time(1)",
    "1:1: parse error: expected 0 argument(s) in call to \"time\", got 1"
)]
#[case(
    "sum(up, up)",
    "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2"
)]
#[case(
    "1 == 1",
    "1:3: parse error: comparisons between scalars must use BOOL modifier"
)]
#[case(
    "1 and up",
    "1:3: parse error: set operator \"and\" not allowed in binary scalar expression"
)]
#[case(
    "up + bool up",
    "1:6: parse error: bool modifier can only be used on comparison operators"
)]
#[case(
    "up[5m] + 1",
    "1:8: parse error: binary expression must contain only scalar and instant vector types"
)]
#[case(
    "(up)[5m]",
    "1:1: parse error: ranges only allowed for vector selectors"
)]
#[case(
    "(up) offset 5m",
    "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
)]
#[case(
    "up offset 5m [5m]",
    "1:1: parse error: no offset modifiers allowed before range"
)]
#[case(
    "a + on (job) group_left (job) b",
    "1:14: parse error: label \"job\" must not occur in ON and GROUP clause at once"
)]
#[case(
    "up{a=~\"(\"}",
    "1:7: parse error: error parsing regexp: missing closing ): `(`"
)]
#[case(
    "up{a:b=\"c\"}",
    "1:4: parse error: unexpected identifier \"a:b\", expected identifier or \"}\""
)]
#[case(
    "sum by (\"\") (up)",
    "1:9: parse error: unexpected string \"\", expected label name"
)]
#[case("up[0s]", "1:6: parse error: duration must be greater than 0")]
#[case("up[$__range]", "1:4: parse error: unexpected character: '$'")]
#[case(
    "1 offset 5m",
    "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
)]
fn a_mistake_is_said_with_its_place(#[case] text: &str, #[case] error: &str) {
    assert_eq!(parse(text).unwrap_err().to_string(), error);
}

#[test]
fn a_query_that_nests_too_deep_is_refused() {
    for text in [
        "(".repeat(10_000),
        "-".repeat(10_000),
        "2".to_owned() + &"^2".repeat(10_000),
        "sum(".repeat(5_000),
    ] {
        assert!(parse(&text).is_err());
    }
    assert!(parse(&" ".repeat(100_000)).is_err());
}

#[test]
fn a_long_query_without_brackets_is_no_deep_one() {
    for text in [
        "1".to_owned() + &"+1".repeat(30_000),
        "up".to_owned() + &" or up * 2".repeat(6_000),
    ] {
        let expr = parse(&text).unwrap();
        assert!(!expr.selectors().is_empty() || expr.value_type() == ValueType::Scalar);
    }
}

#[test]
fn a_query_with_too_many_patterns_is_refused() {
    let pattern = "a{b=~\"c\", d!~\"e\"}";
    let most = vec![pattern; MAX_PATTERNS / 2].join(" + ");
    assert!(parse(&most).is_ok());
    let error = parse(&format!("{most} + a{{b=~\"c\"}}")).unwrap_err();
    assert!(error.to_string().contains("more than 50 patterns"));
}

#[test]
fn a_selector_is_no_other_query() {
    assert!(parse_selector("up{job=\"a\"}").is_ok());
    assert!(parse_selector("sum(up)").is_err());
}
