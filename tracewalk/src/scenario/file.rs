//! A scenario, as it stands in its file.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
    time::Duration,
};

use serde::Deserialize;
use toml::Spanned;
use tonic_resilience::server::layers::inject_fault::Fault;

use super::{error::FileError, metrics::Delta, spans::Expected};
use crate::{client::parse_fault, load::Kind};

/// How many calls a scenario may make: more are a load test.
const COUNT: RangeInclusive<u32> = 1..=100_000;

const DEADLINE: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(1);

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
    pub(super) codes: BTreeMap<String, u32>,
    /// The spans in the trace of the last call.
    pub(super) spans: Vec<Expected>,
    /// The spans in traces with a link to that trace.
    pub(super) linked: Vec<Expected>,
    pub(super) metrics: Vec<Delta>,
}

/// What is called, and how.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) kind: Kind,
    /// The user to ask for; by default one that exists.
    pub(super) user: Option<String>,
    /// Whether `CreateUser` may be tried again.
    pub(super) idempotency_key: bool,
    pub(super) faults: Vec<Fault>,
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

/// The keys of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    lesson: String,
    page: Option<String>,
    alert: Option<String>,
    #[serde(default)]
    call: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    idempotency_key: Option<Spanned<bool>>,
    fault: Option<Spanned<String>>,
    count: Option<Spanned<u32>>,
    parallel: Option<Spanned<u32>>,
    deadline: Option<Spanned<String>>,
    updates: Option<Spanned<u32>>,
    leave_after: Option<Spanned<u32>>,
    without_fault: Option<Spanned<u32>>,
    #[serde(default)]
    wait_for_recovery: bool,
    codes: Spanned<BTreeMap<String, u32>>,
    spans: Option<Spanned<String>>,
    linked: Option<Spanned<String>>,
    metrics: Option<Spanned<String>>,
}

/// The file and its text, to tell the line of an error.
struct Source<'a> {
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
        let calls = place.calls(&raw)?;
        place.codes(&raw.codes, calls.count)?;
        Ok(Self {
            name: name.to_owned(),
            calls,
            spans: place.lines(raw.spans.as_ref(), Expected::read)?,
            linked: place.lines(raw.linked.as_ref(), Expected::read_linked)?,
            metrics: place.lines(raw.metrics.as_ref(), |line, _| Delta::read(line))?,
            title: raw.title,
            lesson: raw.lesson,
            page: raw.page,
            alert: raw.alert,
            codes: raw.codes.into_inner(),
        })
    }

    /// Whether it expects anything of traces.
    pub(super) fn needs_traces(&self) -> bool {
        !self.spans.is_empty() || !self.linked.is_empty()
    }
}

impl Source<'_> {
    fn error(&self, span: &Range<usize>, what: impl Into<String>) -> FileError {
        FileError::at(self.file, self.text, span, what)
    }

    /// Parses the value of a key; the default where the key is missing.
    fn value<T, U>(
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

    fn calls(&self, raw: &Raw) -> Result<Calls, FileError> {
        let kind = self.value(raw.call.as_ref(), Kind::Get, |name| kind(name))?;
        for key in [&raw.updates, &raw.leave_after] {
            self.value(key.as_ref(), (), |_| match kind {
                Kind::Watch => Ok(()),
                _ => Err("only a watch has updates: expected `call = \"watch\"`".to_owned()),
            })?;
        }
        let user = self.value(raw.user.as_ref(), None, |id| match kind {
            Kind::Get | Kind::Watch | Kind::Lookup => Ok(Some(id.clone())),
            _ => Err("no user is asked for: expected a get, a watch or a lookup".to_owned()),
        })?;
        let has_key = self.value(raw.idempotency_key.as_ref(), true, |has_key| match kind {
            Kind::Create => Ok(*has_key),
            _ => Err("only a user that is made has a key: expected `call = \"create\"`".to_owned()),
        })?;
        let count = |number: &u32| count(*number);
        let parallel = self.value(raw.parallel.as_ref(), 1, count)?;
        let updates = self.value(raw.updates.as_ref(), 3, count)?;
        Ok(Calls {
            kind,
            user,
            idempotency_key: has_key,
            faults: self.value(raw.fault.as_ref(), Vec::new(), |text| faults(text))?,
            count: self.value(raw.count.as_ref(), 1, count)?,
            parallel: usize::try_from(parallel).unwrap_or(usize::MAX),
            deadline: self.value(raw.deadline.as_ref(), Duration::from_secs(10), |it| {
                deadline(it)
            })?,
            updates,
            leave_after: self.value(raw.leave_after.as_ref(), None, |it| {
                leave_after(*it, updates).map(Some)
            })?,
            without_fault: self.value(raw.without_fault.as_ref(), 0, count)?,
            wait_for_recovery: raw.wait_for_recovery,
        })
    }

    fn codes(&self, codes: &Spanned<BTreeMap<String, u32>>, count: u32) -> Result<(), FileError> {
        let sum: u64 = codes.get_ref().values().copied().map(u64::from).sum();
        let refuse = |what: String| Err(self.error(&codes.span(), what));
        if let Some(code) = codes
            .get_ref()
            .keys()
            .find(|code| !super::spans::is_code(code))
        {
            return refuse(format!(
                "`{code}` is no status code: expected one as NOT_FOUND"
            ));
        }
        if let Some((code, _)) = codes.get_ref().iter().find(|(_, count)| **count == 0) {
            return refuse(format!("`{code}` is of no call: expected 1 or more"));
        }
        if sum != u64::from(count) {
            return refuse(format!(
                "the codes are those of {sum} calls: expected {count}, as `count` says"
            ));
        }
        Ok(())
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

fn kind(name: &str) -> Result<Kind, String> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let names = || Kind::ALL.map(Kind::name).join(", ");
    found.ok_or_else(|| format!("`{name}` is no call: expected one of {}", names()))
}

fn faults(text: &str) -> Result<Vec<Fault>, String> {
    text.split('&').map(parse_fault).collect()
}

fn deadline(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|_| format!("`{text}` is no time: expected one as 250ms or 2s"))?;
    if DEADLINE.contains(&time) {
        Ok(time)
    } else {
        Err(format!("`{text}` is no deadline: expected 1ms to 1h"))
    }
}

fn count(number: u32) -> Result<u32, String> {
    if COUNT.contains(&number) {
        Ok(number)
    } else {
        let (least, most) = (COUNT.start(), COUNT.end());
        Err(format!("expected {least} to {most}"))
    }
}

fn leave_after(number: u32, updates: u32) -> Result<u32, String> {
    count(number)?;
    if number < updates {
        Ok(number)
    } else {
        Err(format!(
            "the caller would not leave: expected less than {updates}, as `updates` says"
        ))
    }
}
