//! Spans that say the same are one row.

use serde_json::json;

use super::{draw, span, with_tag};

#[test]
fn a_loop_of_queries_is_one_row_and_a_few_are_some() {
    let queries = |count: u64| {
        let queries = (1..=count).map(|number| {
            let id = (number + 10).to_string();
            let mut query = span(&id, Some("1"), "user", 1_000 + 10 * number, 5);
            query["operationName"] = json!("SELECT users");
            with_tag(query, "span.kind", &json!("client"))
        });
        let mut spans: Vec<_> = queries.collect();
        spans.push(span("1", None, "user", 1_000, 2_000));
        draw(spans, 100)
    };
    let rows = |lines: &[String]| {
        let rows = lines.iter().filter(|line| line.starts_with(['├', '└']));
        rows.cloned().collect::<Vec<_>>()
    };
    let of_many = rows(&queries(100));
    assert!(
        of_many[0].starts_with("└ user client SELECT users ×100 "),
        "{of_many:?}"
    );
    assert!(of_many[0].contains("995 µs   500 µs"), "{of_many:?}");
    assert_eq!(of_many.len(), 1);
    assert_eq!(rows(&queries(3)).len(), 3);
}

#[test]
fn repeats_that_overlap_are_at_work_once_and_are_counted_in_a_narrow_terminal_too() {
    let queries = (1..=20_u64).map(|number| {
        let id = (number + 10).to_string();
        let mut query = span(&id, Some("1"), "profile", 1_000 + number, 100);
        query["operationName"] = json!("SELECT users of everywhere");
        query
    });
    let mut spans: Vec<_> = queries.collect();
    spans.push(span("1", None, "profile", 1_000, 2_000));
    let lines = draw(spans, 60);
    let row = lines.iter().find(|line| line.contains("×20")).unwrap();
    assert!(row.contains("… ×20 "), "{row}");
    let lines = draw(
        (1..=5)
            .map(|number| span(&number.to_string(), None, "user", number, 100))
            .collect(),
        100,
    );
    assert!(lines[4].contains("104 µs   104 µs"), "{lines:#?}");
}

#[test]
fn a_repeat_with_spans_below_it_is_a_row_of_its_own() {
    let mut spans: Vec<_> = (1..=5_u64)
        .map(|number| {
            span(
                &(number + 10).to_string(),
                Some("1"),
                "user",
                10 * number,
                5,
            )
        })
        .collect();
    spans.push(span("99", Some("15"), "profile", 51, 2));
    spans.push(span("1", None, "gateway", 1, 100));
    let lines = draw(spans, 100);
    let starts = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(starts("├ user GetUser ×4 "), 1, "{lines:#?}");
    assert_eq!(starts("└ user GetUser "), 1);
    assert_eq!(starts("  └ profile GetUser "), 1);
}
