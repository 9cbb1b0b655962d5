//! Which traces a search finds.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use super::{
    convert::{KeyValue, shown},
    parameters::BadParameter,
    parameters::{Parameters, parse_duration, parse_tag, parse_tags},
};
use crate::traces::{
    model::{Span, SpanKind},
    store::Trace,
};

/// As many as the UI asks for unless told otherwise.
const DEFAULT_LIMIT: usize = 20;

/// The most that the UI lets a user ask for.
pub(super) const MAX_LIMIT: usize = 1_500;

/// The parameters that a search may have once.
const SINGLE: [&str; 10] = [
    "service",
    "operation",
    "start",
    "end",
    "lookback",
    "minDuration",
    "maxDuration",
    "limit",
    "raw",
    "prettyPrint",
];

/// The parameters that a search may have more than once.
const REPEATED: [&str; 4] = ["tag", "tags", "spanKind", "traceID"];

/// A trace is found if one of its spans meets all conditions. `None` stands for "any".
#[derive(Debug, PartialEq)]
pub(crate) struct Search {
    pub(super) service: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) kinds: Vec<SpanKind>,
    pub(super) tags: Vec<(String, String)>,
    /// Nanoseconds since 1970, both included.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) min_duration: Duration,
    pub(super) max_duration: Duration,
    pub(super) limit: usize,
}

/// The parameters of a search.
///
/// # Errors
///
/// As [`Parameters::read`]. The UI's own parameters are accepted: it sends all that are in its
/// address.
pub(crate) fn parameters(pairs: Vec<(String, String)>) -> Result<Parameters, BadParameter> {
    let is_of_pages = |name: &str| {
        let page = name.strip_prefix("ui");
        page.is_some_and(|rest| rest.starts_with(char::is_uppercase))
            || matches!(name, "view" | "spanLinks")
    };
    let pairs = pairs.into_iter().filter(|(name, _)| !is_of_pages(name));
    Parameters::read(pairs.collect(), &SINGLE, &REPEATED)
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
    /// [`BadParameter`] names the first one that cannot be read, or that contradicts another.
    pub(crate) fn read(parameters: &Parameters, now: u64) -> Result<Self, BadParameter> {
        let nanos = |micros: u64| micros.saturating_mul(1_000);
        let end = parameters.number("end")?.map(nanos);
        let lookback = parameters.one("lookback", "a duration like 2h", |text| match text {
            "custom" => Some(Duration::MAX),
            _ => parse_duration(text),
        })?;
        let back = |lookback: Duration| {
            let lookback = u64::try_from(lookback.as_nanos()).unwrap_or(u64::MAX);
            end.unwrap_or(now).saturating_sub(lookback)
        };
        let start = parameters.number("start")?.map(nanos);
        let owned = |name| parameters.text(name).map(str::to_owned);
        let search = Self {
            service: owned("service"),
            operation: owned("operation"),
            kinds: parameters.kinds("spanKind")?,
            tags: read_tags(parameters)?,
            start: start.or(lookback.map(back)).unwrap_or(0),
            end: end.unwrap_or(u64::MAX),
            min_duration: parameters.duration("minDuration")?.unwrap_or_default(),
            max_duration: parameters.duration("maxDuration")?.unwrap_or(Duration::MAX),
            limit: parameters
                .number("limit")?
                .unwrap_or(DEFAULT_LIMIT)
                .clamp(1, MAX_LIMIT),
        };
        search.check_ranges(parameters, ["maxDuration", "end"])?;
        Ok(search)
    }

    /// Refuses a range that ends before it begins; `names` are the parameters for the ends of
    /// the two ranges.
    pub(super) fn check_ranges(
        &self,
        parameters: &Parameters,
        names: [&'static str; 2],
    ) -> Result<(), BadParameter> {
        let refuse = |name: &'static str, expected: &'static str| BadParameter {
            name: name.into(),
            value: parameters.text(name).unwrap_or_default().to_owned(),
            expected: expected.into(),
        };
        if self.max_duration < self.min_duration {
            return Err(refuse(names[0], "at least the shortest duration"));
        }
        if self.end < self.start {
            return Err(refuse(names[1], "at or after the start"));
        }
        Ok(())
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
            && (self.kinds.is_empty() || self.kinds.contains(&span.kind))
            && (self.start..=self.end).contains(&span.start)
            && (self.min_duration..=self.max_duration).contains(&span.duration())
            && self.tags.iter().all(|(key, value)| has(span, key, value))
    }
}

/// The pairs of all parameters `tag` and `tags`; a span must have each of them.
fn read_tags(parameters: &Parameters) -> Result<Vec<(String, String)>, BadParameter> {
    let mut tags = parameters.each("tag", "key:value, like error:true", parse_tag)?;
    let expected = r#"a JSON object like {"error":"true"}"#;
    tags.extend(
        parameters
            .each("tags", expected, parse_tags)?
            .into_iter()
            .flatten(),
    );
    Ok(tags)
}

/// Whether the span, its process or one of its events has the tag.
fn has(span: &Span, key: &str, value: &str) -> bool {
    let is = |tag: KeyValue| tag.is(key, value);
    shown(span).any(is)
        || (key == "service.name" && **span.service() == *value)
        || span.resource.tags.iter().map(KeyValue::from).any(is)
        || span.events.iter().any(|event| {
            (key == "event" && *event.name == *value)
                || event.tags.iter().map(KeyValue::from).any(is)
        })
}
