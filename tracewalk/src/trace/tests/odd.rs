//! Traces that no well-behaved program sends.

use serde_json::json;

use super::{draw, span, tree};

#[test]
fn a_span_without_its_parent_is_marked() {
    let lines = draw(vec![span("2", Some("absent"), "user", 1, 5)], 80);
    assert!(lines[1].contains("1 missing parent"), "{lines:?}");
    assert!(lines[3].starts_with("┄ user GetUser"), "{lines:?}");
}

#[test]
fn every_span_of_a_circle_is_drawn_once() {
    let spans = vec![
        span("1", Some("2"), "user", 10, 5),
        span("2", Some("1"), "user", 20, 5),
        span("3", Some("3"), "user", 30, 5),
        span("4", None, "user", 40, 5),
    ];
    let tree = tree(spans);
    let mut drawn: Vec<_> = tree.rows().iter().map(|row| row.span.id.as_str()).collect();
    drawn.sort_unstable();
    assert_eq!(drawn, ["1", "2", "3", "4"]);
}

#[test]
fn a_deep_chain_is_drawn_to_its_end() {
    let id = |number: u64| number.to_string();
    let spans = (0..10_000_u64).map(|number| {
        let parent = number.checked_sub(1).map(id);
        span(&id(number), parent.as_deref(), "user", number + 1, 1)
    });
    let lines = draw(spans.collect(), 100);
    let deepest = "⋯ level 9999 user GetUser";
    assert!(lines.iter().any(|line| line.starts_with(deepest)));
}

#[test]
fn a_span_with_an_id_that_was_used_before_has_a_row_too() {
    let twins = vec![span("1", None, "user", 1, 5), span("1", None, "user", 2, 5)];
    assert_eq!(tree(twins).rows().len(), 2);
}

#[test]
fn names_cannot_move_the_cursor() {
    let mut span = span("1", None, "user", 1, 5);
    span["operationName"] = json!("clear\u{1b}[2Jscreen\n");
    let drawn = draw(vec![span], 100).join("\n");
    assert!(drawn.contains("clear\\u001b[2Jscreen\\n"), "{drawn}");
    assert!(!drawn.contains('\u{1b}'));
}

#[test]
fn times_at_the_end_of_the_world_are_drawn() {
    let spans = vec![
        span("1", None, "user", 0, u64::MAX),
        span("2", Some("1"), "user", u64::MAX, u64::MAX),
    ];
    assert_eq!(draw(spans, 80).len(), 8);
}

#[test]
fn an_empty_trace_has_no_rows() {
    assert_eq!(draw(Vec::new(), 80).len(), 3);
}
