//! Rules that are evaluated one after the other, so that each sees what those before it recorded.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::alerting::Alerting;
use crate::metrics::{
    promql::{EvalError, Expr, Timeline, evaluate},
    tsdb::{Budget, Labels, NAME, Sample, SampleStore},
};

/// The longest time that a rule may take.
const MAX_TIME: Duration = Duration::from_secs(1);

/// The rules of one group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
    pub(super) run: Run,
}

/// A rule, and the outcome of its last evaluation.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) expr: Arc<Expr>,
    pub(super) kind: RuleKind,
    /// The series of the last evaluation: those that the next one does not write have ended.
    written: HashSet<Labels>,
    pub(super) run: Run,
    /// `None` before the first evaluation.
    pub(super) outcome: Option<Result<(), String>>,
}

/// What a rule does with the values of its expression.
#[derive(Debug)]
pub(super) enum RuleKind {
    Recording(Recording),
    Alerting(Alerting),
}

/// When it was evaluated last, in milliseconds since 1970, and how long that took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    pub(super) at: i64,
    pub(super) took: Duration,
}

impl Group {
    pub(super) fn new(file: &str, name: String, rules: Vec<Rule>) -> Self {
        Self {
            file: file.to_owned(),
            name,
            rules,
            run: Run::default(),
        }
    }
}

/// The values of a rule's expression, with their labels.
pub(super) fn compute(
    expr: &Expr,
    at: i64,
    store: &SampleStore,
) -> Result<Vec<(Labels, f64)>, EvalError> {
    let value = evaluate(expr, store, Timeline::at(at), &Budget::new(MAX_TIME))?;
    let rows = value.into_rows();
    let rows = rows.ok_or_else(|| EvalError::new("rule result is not a vector or scalar"))?;
    let values = rows.into_iter();
    Ok(values
        .filter_map(|row| Some((row.labels, row.values[0]?)))
        .collect())
}

impl Rule {
    pub(super) fn new(name: String, text: String, expr: Expr, kind: RuleKind) -> Self {
        Self {
            name,
            text,
            expr: Arc::new(expr),
            kind,
            written: HashSet::new(),
            run: Run::default(),
            outcome: None,
        }
    }

    /// Writes the series that follow from the values of [`compute`]: the values of a recording
    /// rule, the states of an alerting rule.
    pub(super) fn take(
        &mut self,
        values: Result<Vec<(Labels, f64)>, EvalError>,
        at: i64,
        begun: Instant,
        store: &SampleStore,
    ) {
        let series = values.map_err(|error| error.to_string());
        let series = series.and_then(|values| match &mut self.kind {
            RuleKind::Recording(recording) => Ok(recording.series(values.into_iter())),
            RuleKind::Alerting(alerting) => alerting.series(values.into_iter(), at),
        });
        let outcome = series.and_then(|series| self.write(&series, at, store));
        if let Err(error) = &outcome
            && self.outcome.as_ref() != Some(&outcome)
        {
            tracing::warn!(rule = self.name, error, "a rule fails");
        }
        self.outcome = Some(outcome);
        let took = begun.elapsed();
        self.run = Run { at, took };
    }

    fn write(
        &mut self,
        series: &[(Labels, f64)],
        at: i64,
        store: &SampleStore,
    ) -> Result<(), String> {
        let written: HashSet<_> = series.iter().map(|(labels, _)| labels.clone()).collect();
        if written.len() < series.len() {
            let message =
                "vector contains metrics with the same labelset after applying rule labels";
            return Err(message.to_owned());
        }
        let ended = self.written.difference(&written);
        let ended = ended.map(|labels| (labels, Sample::stale(at)));
        let samples = series.iter();
        let samples = samples.map(|(labels, value)| (labels, Sample { at, value: *value }));
        let kept = store.append(samples.chain(ended));
        self.written = written;
        kept.map_err(|error| error.to_string())
    }
}

/// Writes the values of an expression as a series of their own.
#[derive(Debug)]
pub(super) struct Recording {
    name: String,
    /// Added to every series, as the rule file has them.
    pub(super) labels: BTreeMap<String, String>,
}

impl Recording {
    pub(super) fn new(name: String, labels: BTreeMap<String, String>) -> Self {
        Self { name, labels }
    }

    pub(super) fn series(&self, values: impl Iterator<Item = (Labels, f64)>) -> Vec<(Labels, f64)> {
        let named = values.map(|(labels, value)| {
            let labels = labels.with(NAME, &self.name);
            (with(labels, &self.labels), value)
        });
        named.collect()
    }
}

/// With labels added or replaced; an empty value removes a label.
fn with(labels: Labels, own: &BTreeMap<String, String>) -> Labels {
    let own = own.iter();
    own.fold(labels, |labels, (name, value)| labels.with(name, value))
}
