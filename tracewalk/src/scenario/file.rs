//! A scenario, as it stands in its file.

use super::{
    codes::Codes,
    error::FileError,
    exemplars::Exemplar,
    fields,
    metrics::Delta,
    raw::{Raw, Source},
    spans::Expected,
    workload::Calls,
};

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

impl Scenario {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The first error, with its line and what was expected.
    pub(super) fn read(name: &str, file: &str, text: &str) -> Result<Self, FileError> {
        let place = Source::new(file, text);
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
