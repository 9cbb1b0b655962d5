//! What is measured of the spans of a tree.

use rstest::rstest;

use super::{span, tree};
use crate::trace::Row;

/// Starts, ends and parents of spans, and how long each ran alone.
#[rstest]
#[case::nested(&[(0, 10, None, 4), (2, 8, Some(1), 3), (3, 6, Some(2), 3)])]
#[case::one_after_another(&[(0, 10, None, 3), (1, 4, Some(1), 3), (5, 9, Some(1), 4)])]
#[case::side_by_side(&[(0, 10, None, 2), (1, 9, Some(1), 8), (2, 7, Some(1), 5)])]
#[case::overlapping(&[(0, 10, None, 2), (1, 6, Some(1), 5), (5, 9, Some(1), 4)])]
#[case::longer_than_its_parent(&[(0, 10, None, 8), (8, 20, Some(1), 12)])]
#[case::after_its_parent(&[(0, 10, None, 10), (12, 20, Some(1), 8)])]
#[case::at_the_end_of_time(&[(5, u64::MAX, None, 0), (5, u64::MAX, Some(1), u64::MAX - 5)])]
fn self_time_is_what_no_child_covers(#[case] spans: &[(u64, u64, Option<u64>, u64)]) {
    assert_eq!(
        times(spans, |row| row.self_us),
        spans.iter().map(|it| it.3).collect::<Vec<_>>()
    );
}

/// What `of` says of the spans with these starts, ends and parents.
fn times(spans: &[(u64, u64, Option<u64>, u64)], of: impl Fn(&Row) -> u64) -> Vec<u64> {
    let made = spans.iter().zip(1..).map(|(&(start, end, parent, _), id)| {
        let (id, parent) = (u64::to_string(&id), parent.map(|id| id.to_string()));
        span(&id, parent.as_deref(), "user", start, end - start)
    });
    let tree = tree(made.collect());
    let mut times: Vec<_> = tree
        .rows()
        .iter()
        .map(|row| (&row.span.id, of(row)))
        .collect();
    times.sort_unstable();
    times.into_iter().map(|(_, time)| time).collect()
}

/// Starts, ends and parents of spans, and the time of each on the critical path.
#[rstest]
#[case::one(&[(0, 9, None, 9)])]
#[case::nested(&[(0, 10, None, 4), (2, 8, Some(1), 3), (3, 6, Some(2), 3)])]
#[case::one_after_another(&[(0, 10, None, 3), (1, 4, Some(1), 3), (5, 9, Some(1), 4)])]
#[case::side_by_side(&[(0, 10, None, 2), (1, 9, Some(1), 8), (2, 7, Some(1), 0)])]
#[case::overlapping(&[(0, 10, None, 6), (1, 6, Some(1), 0), (5, 9, Some(1), 4)])]
#[case::longer_than_its_parent(&[(0, 10, None, 8), (8, 20, Some(1), 2)])]
#[case::after_its_parent(&[(0, 10, None, 10), (12, 20, Some(1), 0)])]
#[case::two_roots(&[(0, 5, None, 5), (5, 9, None, 4)])]
fn the_critical_path_is_what_ended_last(#[case] spans: &[(u64, u64, Option<u64>, u64)]) {
    let expected: Vec<_> = spans.iter().map(|span| span.3).collect();
    assert_eq!(times(spans, |row| row.critical_path_us), expected);
}
