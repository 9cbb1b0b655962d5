//! What a line says of its span: `tracewalk.attempts=2 event=retry duration>=500ms`.
//!
//! `{trace}` and `{parent}` in a value are the ids of the trace and of the parent span.

use std::time::Duration;

use serde_json::Value;

use crate::trace::{Row, duration, plain_text};

const CLAIM: &str = "KEY=VALUE, KEY<=NUMBER, event=NAME or duration>=TIME";

/// Something that must hold of a span.
#[derive(Debug, PartialEq)]
pub(super) enum Claim {
    Attribute(String, String),
    AtMost(String, f64),
    Event(String),
    Lasts(Duration),
}

impl Claim {
    /// Reads a word.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(word: &str) -> Result<Self, String> {
        let refuse = || format!("`{word}` is not a claim: expected {CLAIM}");
        let (key, value) = word.split_once('=').ok_or_else(refuse)?;
        match (key, key.strip_suffix('<')) {
            ("event", _) => Ok(Self::Event(value.to_owned())),
            ("duration>", _) => humantime::parse_duration(value)
                .map(Self::Lasts)
                .map_err(|_| refuse()),
            ("" | "<", _) => Err(refuse()),
            (_, Some(key)) => match value.parse::<f64>() {
                Ok(most) if most.is_finite() => Ok(Self::AtMost(key.to_owned(), most)),
                _ => Err(refuse()),
            },
            _ if key.ends_with('>') => Err(refuse()),
            _ => Ok(Self::Attribute(key.to_owned(), value.to_owned())),
        }
    }

    /// What the span of the trace has instead; `None` if the claim holds.
    pub(super) fn differs(&self, row: &Row, trace_id: &str) -> Option<String> {
        let span = &row.span;
        let found = |key: &str| span.attributes.get(key).map(text);
        let said = |key: &str| match found(key) {
            Some(value) => format!("{key}={value}"),
            None => format!("no {key}"),
        };
        match self {
            Self::Attribute(key, value) => {
                let parent = row.parent_id.as_deref().unwrap_or_default();
                let value = value
                    .replace("{trace}", trace_id)
                    .replace("{parent}", parent);
                (found(key) != Some(value)).then(|| said(key))
            }
            Self::AtMost(key, most) => {
                let number = found(key).and_then(|value| value.parse::<f64>().ok());
                (!number.is_some_and(|number| number <= *most)).then(|| said(key))
            }
            Self::Event(name) => (!span.events.contains(name)).then(|| format!("no event {name}")),
            Self::Lasts(least) => {
                let lasts = u128::from(span.duration) >= least.as_micros();
                (!lasts).then(|| duration(span.duration))
            }
        }
    }
}

/// The text of an attribute; of a list with one text, as of request metadata, that text alone.
fn text(value: &Value) -> String {
    let text = plain_text(value);
    match serde_json::from_str::<[String; 1]>(&text) {
        Ok([only]) => only,
        Err(_) => text,
    }
}
