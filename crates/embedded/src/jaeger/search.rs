//! Which traces a search finds.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use super::{
    bad_parameter::BadParameter,
    convert::{KeyValue, shown},
    parameters::{Parameters, parse_duration, parse_tags},
};
use crate::{span::Span, store::Trace};

/// As many as the UI asks for unless told otherwise.
const DEFAULT_LIMIT: usize = 20;

/// The most that the UI lets a user ask for.
const MAX_LIMIT: usize = 1_500;

/// A trace is found if one of its spans is all of this. `None` stands for "any".
#[derive(Debug, PartialEq)]
pub(crate) struct Search {
    service: Option<String>,
    operation: Option<String>,
    tags: Vec<(String, String)>,
    /// Nanoseconds since 1970, both included.
    start: u64,
    end: u64,
    min_duration: Duration,
    max_duration: Duration,
    limit: usize,
}

impl Search {
    /// Reads the parameters of `/api/traces`; `now` is in nanoseconds since 1970.
    ///
    /// `start` and `end` are in microseconds. Without `start`, `lookback` counts back from `end`
    /// or from now; `custom`, which the UI sends for a range from its calendar, has no meaning
    /// of its own.
    ///
    /// # Errors
    ///
    /// [`BadParameter`] names the first one that cannot be read.
    pub(crate) fn read(parameters: &Parameters, now: u64) -> Result<Self, BadParameter> {
        let nanos = |micros: u64| micros.saturating_mul(1_000);
        let end = parameters.number("end")?.map(nanos);
        let lookback = parameters.read("lookback", "a duration like 2h", |text| match text {
            "custom" => Some(Duration::MAX),
            _ => parse_duration(text),
        })?;
        let back = |lookback: Duration| {
            let lookback = u64::try_from(lookback.as_nanos()).unwrap_or(u64::MAX);
            end.unwrap_or(now).saturating_sub(lookback)
        };
        let start = parameters.number("start")?.map(nanos);
        let owned = |name| parameters.text(name).map(str::to_owned);
        Ok(Self {
            service: owned("service"),
            operation: owned("operation"),
            tags: parameters
                .read("tags", r#"a JSON object like {"error":"true"}"#, parse_tags)?
                .unwrap_or_default(),
            start: start.or(lookback.map(back)).unwrap_or(0),
            end: end.unwrap_or(u64::MAX),
            min_duration: parameters.duration("minDuration")?.unwrap_or_default(),
            max_duration: parameters.duration("maxDuration")?.unwrap_or(Duration::MAX),
            limit: parameters
                .number("limit")?
                .unwrap_or(DEFAULT_LIMIT)
                .clamp(1, MAX_LIMIT),
        })
    }

    /// The newest traces that match, the newest first.
    pub(crate) fn run(&self, mut traces: Vec<Arc<Trace>>) -> Vec<Arc<Trace>> {
        traces.sort_by_key(|trace| Reverse(trace.start()));
        traces
            .into_iter()
            .filter(|trace| trace.spans().iter().any(|span| self.matches(span)))
            .take(self.limit)
            .collect()
    }

    fn matches(&self, span: &Span) -> bool {
        let is =
            |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|text| text == own);
        is(&self.service, span.service())
            && is(&self.operation, &span.name)
            && (self.start..=self.end).contains(&span.start)
            && (self.min_duration..=self.max_duration).contains(&span.duration())
            && self.tags.iter().all(|(key, value)| has(span, key, value))
    }
}

/// Whether the span, its process or one of its events has the tag.
fn has(span: &Span, key: &str, value: &str) -> bool {
    let is = |tag: KeyValue| tag.is(key, value);
    shown(span).any(is)
        || span.resource.tags.iter().map(KeyValue::from).any(is)
        || span.events.iter().any(|event| {
            (key == "event" && *event.name == *value)
                || event.tags.iter().map(KeyValue::from).any(is)
        })
}
