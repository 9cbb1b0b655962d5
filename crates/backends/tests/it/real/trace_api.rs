//! Jaeger's query API: each answer is equal to that of the real one, except for listed differences.

use hyper::StatusCode;
use serde_json::Value as Json;

use super::{differences, jaeger::Jaeger, normal::normal, questions, spans};
use crate::support::{backend::Backend, spans::now};

#[tokio::test]
async fn the_real_jaeger_gives_the_same_answers() {
    let (real, ours) = (Jaeger::start().await, Backend::start().await);
    let start = now() - 10_000_000_000;
    for batch in spans::spans(start) {
        real.export(batch.clone()).await;
        ours.export(batch).await;
    }
    let mut wrong = Vec::new();
    let mut compared = 0;
    for question in questions::questions(start) {
        let theirs = real.get(&question).await;
        let answer = ours.get(&question).await;
        let mine = (
            answer.status,
            serde_json::from_slice(&answer.body).unwrap_or_default(),
        );
        compared += 1;
        if let Some(difference) = compare(&question, theirs, mine) {
            wrong.push(difference);
        }
    }
    assert!(compared > 80, "{compared}");
    assert!(
        wrong.is_empty(),
        "{} of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong with two answers: an unlisted difference, or a listed one that does not exist.
fn compare(question: &str, theirs: (StatusCode, Json), ours: (StatusCode, Json)) -> Option<String> {
    match (differences::of_question(question), difference(theirs, ours)) {
        (None, Some(difference)) => Some(format!("{question}\n{difference}")),
        (Some(reason), None) => Some(format!("{question}\n  is listed, but the same: {reason}")),
        _ => None,
    }
}

fn difference(
    (their_status, theirs): (StatusCode, Json),
    (our_status, ours): (StatusCode, Json),
) -> Option<String> {
    if their_status != our_status {
        return Some(format!(
            "  real: {their_status} {theirs}\n  ours: {our_status} {ours}"
        ));
    }
    // Messages of errors differ.
    if !their_status.is_success() {
        return None;
    }
    let [theirs, ours] = [theirs, ours].map(normal);
    let (path, theirs, ours) = first_difference("", &theirs, &ours)?;
    let cut = |text: String| -> String { text.chars().take(400).collect() };
    let (theirs, ours) = (cut(theirs), cut(ours));
    Some(format!("  at {path}\n  real: {theirs}\n  ours: {ours}"))
}

/// The first place where two answers differ, and what stands there.
pub(crate) fn first_difference(
    path: &str,
    theirs: &Json,
    ours: &Json,
) -> Option<(String, String, String)> {
    match (theirs, ours) {
        (Json::Object(a), Json::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(key, a)| first_difference(&format!("{path}.{key}"), a, &b[key])),
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => (0..)
            .zip(a.iter().zip(b))
            .find_map(|(index, (a, b))| first_difference(&format!("{path}[{index}]"), a, b)),
        _ if theirs == ours => None,
        _ => Some((path.to_owned(), theirs.to_string(), ours.to_string())),
    }
}
