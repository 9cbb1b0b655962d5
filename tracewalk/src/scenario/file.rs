//! A scenario, as it stands in its file.

use super::{
    changes,
    codes::Codes,
    error::FileError,
    exemplars::Exemplar,
    fields,
    metrics::Delta,
    raw::{Raw, Source},
    samplers::Kept,
    spans::Expected,
    token::Token,
    workload::Calls,
};
use crate::control::{Action, Setup};

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
    /// How the services run meanwhile.
    pub(super) setup: Setup,
    /// The token of each call; by default that of the command.
    pub(super) token: Option<Token>,
    /// What is done to processes meanwhile.
    pub(super) processes: Vec<Action>,
    pub(super) calls: Calls,
    /// How many of the calls end with which code.
    pub(super) codes: Codes,
    /// The spans in the trace of the last call.
    pub(super) spans: Vec<Expected>,
    /// The spans in traces with a link to that trace.
    pub(super) linked: Vec<Expected>,
    /// How many calls with a fault samplers keep.
    pub(super) samplers: Vec<Kept>,
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
        place.value(raw.spans_of.as_ref(), (), |code| {
            let none = || format!("no call ends with `{code}`: expected one of `codes`");
            codes.has(code).then_some(()).ok_or_else(none)
        })?;
        let setup = changes::setup(&place, &raw)?;
        Ok(Self {
            name: name.to_owned(),
            token: place.value(raw.token.as_ref(), None, |it| Token::read(it).map(Some))?,
            processes: changes::processes(&place, &raw, &setup, &calls)?,
            setup,
            calls,
            spans: place.lines(raw.spans.as_ref(), Expected::read)?,
            linked: place.lines(raw.linked.as_ref(), Expected::read_linked)?,
            samplers: place.lines(raw.samplers.as_ref(), |line, _| Kept::read(line))?,
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

    /// Whether it changes the stack, or does something to its processes.
    pub(super) fn needs_launcher(&self) -> bool {
        self.changes_services() || !self.processes.is_empty()
    }

    /// Whether services run otherwise meanwhile, so that other processes take their places.
    pub(super) fn changes_services(&self) -> bool {
        let usual = Setup {
            profiles: 1,
            ..Setup::default()
        };
        self.setup != usual
    }

    /// What is done to processes before the first call, and what while they are made.
    pub(super) fn first_and_later(&self) -> (&[Action], &[Action]) {
        let first = self.processes.iter().take_while(|it| it.after == 0);
        self.processes.split_at(first.count())
    }

    /// Whether it expects anything of traces.
    pub(super) fn needs_traces(&self) -> bool {
        !self.spans.is_empty() || !self.linked.is_empty() || !self.calls.sampled
    }
}
