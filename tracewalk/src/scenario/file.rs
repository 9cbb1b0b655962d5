//! A scenario, as it stands in its file.

use std::{ops::Range, time::Duration};

use serde::Deserialize;
use toml::Spanned;
use tonic_resilience::server::layers::inject_fault::Fault;

use super::{
    codes::{Codes, RawCodes},
    error::FileError,
    exemplars::Exemplar,
    fields,
    metrics::Delta,
    spans::Expected,
};
use crate::load::Kind;

/// The calls of a scenario, and its expectations.
#[derive(Debug)]
pub(super) struct Scenario {
    /// The name of its file.
    pub(super) name: String,
    pub(super) title: String,
    /// What is to be learned.
    pub(super) lesson: String,
    /// The page that explains it.
    pub(super) page: Option<String>,
    /// The alert that fires when the fault lasts.
    pub(super) alert: Option<String>,
    pub(super) calls: Calls,
    /// How many of the calls end with which code.
    pub(super) codes: Codes,
    /// The spans in the trace of the last call.
    pub(super) spans: Vec<Expected>,
    /// The spans in traces with a link to that trace.
    pub(super) linked: Vec<Expected>,
    /// The series that name the trace of the last call.
    pub(super) exemplars: Vec<Exemplar>,
    pub(super) metrics: Vec<Delta>,
    /// The queries that have an answer in the end.
    pub(super) queries: Vec<String>,
}

/// What is called, and how.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) kind: CallKind,
    /// The user to ask for; by default one that exists.
    pub(super) user: Option<String>,
    /// How many users a lookup asks for, or an import has.
    pub(super) users: u32,
    /// Whether `CreateUser` may be tried again.
    pub(super) idempotency_key: bool,
    pub(super) faults: Vec<Fault>,
    /// Baggage beside the faults.
    pub(super) baggage: Option<String>,
    /// Whether the caller leaves it to the gateway to sample its traces, or says that it shall not.
    pub(super) sampled: bool,
    pub(super) count: u32,
    /// The most calls in flight.
    pub(super) parallel: usize,
    pub(super) deadline: Duration,
    /// How many updates a watch asks for, 20 ms apart.
    pub(super) updates: u32,
    /// After how many updates the caller of a watch cancels it.
    pub(super) leave_after: Option<u32>,
    /// How many calls without a fault are made at the same time; all must be answered.
    pub(super) without_fault: u32,
    /// Whether the stack must be healthy again before the metrics are read.
    pub(super) wait_for_recovery: bool,
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum CallKind {
    Known(Kind),
    /// Each call is of another method, none of which is there.
    Unknown,
}

impl CallKind {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let known = Kind::ALL.into_iter().map(Self::Known);
        known.chain([Self::Unknown])
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Known(kind) => kind.name(),
            Self::Unknown => "unknown",
        }
    }
}

/// The keys of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) title: String,
    pub(super) lesson: String,
    pub(super) page: Option<String>,
    pub(super) alert: Option<String>,
    #[serde(default)]
    pub(super) call: Option<Spanned<String>>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) users: Option<Spanned<u32>>,
    pub(super) idempotency_key: Option<Spanned<bool>>,
    pub(super) fault: Option<Spanned<String>>,
    pub(super) baggage: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub(super) sampled: bool,
    pub(super) count: Option<Spanned<u32>>,
    pub(super) parallel: Option<Spanned<u32>>,
    pub(super) deadline: Option<Spanned<String>>,
    pub(super) updates: Option<Spanned<u32>>,
    pub(super) leave_after: Option<Spanned<u32>>,
    pub(super) without_fault: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) wait_for_recovery: bool,
    pub(super) codes: Spanned<RawCodes>,
    pub(super) spans: Option<Spanned<String>>,
    pub(super) linked: Option<Spanned<String>>,
    pub(super) exemplars: Option<Spanned<String>>,
    pub(super) metrics: Option<Spanned<String>>,
    pub(super) queries: Option<Spanned<String>>,
}

fn yes() -> bool {
    true
}

/// The file and its text, to tell the line of an error.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Scenario {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The first error, with its line and what was expected.
    pub(super) fn read(name: &str, file: &str, text: &str) -> Result<Self, FileError> {
        let place = Source { file, text };
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            place.error(&span, error.message().replace('\n', ", "))
        })?;
        let calls = fields::calls(&place, &raw)?;
        let codes = Codes::read(raw.codes.get_ref(), calls.count)
            .map_err(|what| place.error(&raw.codes.span(), what))?;
        Ok(Self {
            name: name.to_owned(),
            calls,
            spans: place.lines(raw.spans.as_ref(), Expected::read)?,
            linked: place.lines(raw.linked.as_ref(), Expected::read_linked)?,
            exemplars: place.lines(raw.exemplars.as_ref(), |line, _| Exemplar::read(line))?,
            queries: place.lines(raw.queries.as_ref(), |line, _| Ok(line.trim().to_owned()))?,
            metrics: place.lines(raw.metrics.as_ref(), |line, _| Delta::read(line))?,
            title: raw.title,
            lesson: raw.lesson,
            page: raw.page,
            alert: raw.alert,
            codes,
        })
    }

    /// Whether it expects anything of traces.
    pub(super) fn needs_traces(&self) -> bool {
        !self.spans.is_empty() || !self.linked.is_empty() || !self.calls.sampled
    }
}

impl Source<'_> {
    fn error(&self, span: &Range<usize>, what: impl Into<String>) -> FileError {
        FileError::at(self.file, self.text, span, what)
    }

    /// Parses the value of a key; the default where the key is missing.
    pub(super) fn value<T, U>(
        &self,
        key: Option<&Spanned<T>>,
        default: U,
        read: impl Fn(&T) -> Result<U, String>,
    ) -> Result<U, FileError> {
        let Some(value) = key else {
            return Ok(default);
        };
        read(value.get_ref()).map_err(|what| self.error(&value.span(), what))
    }

    /// Parses the lines of a text, each with the lines before it.
    fn lines<T>(
        &self,
        text: Option<&Spanned<String>>,
        read: impl Fn(&str, &[T]) -> Result<T, String>,
    ) -> Result<Vec<T>, FileError> {
        let mut found = Vec::new();
        let Some(text) = text else {
            return Ok(found);
        };
        // A line feed right after the quotes is not in the value.
        let begin = self.text.get(text.span()).unwrap_or_default();
        let quotes = ["\"\"\"\n", "\"\"\"\r\n", "'''\n", "'''\r\n"];
        let hidden = usize::from(quotes.iter().any(|quotes| begin.starts_with(quotes)));
        for (number, line) in text.get_ref().lines().enumerate() {
            if !line.trim().is_empty() {
                let line = read(line, &found)
                    .map_err(|what| self.error(&text.span(), what).below(hidden + number))?;
                found.push(line);
            }
        }
        Ok(found)
    }
}
