use std::collections::BTreeMap;

use serde::Serialize;

use super::template::Template;
use crate::prometheus::{
    labels::{Labels, NAME},
    promql::format_value,
    time::rfc3339,
};

/// The series that shows which alerts there are.
const SERIES: &str = "ALERTS";

/// Says when the values of an expression have been there for a time.
#[derive(Debug)]
pub(super) struct Alerting {
    name: String,
    /// That every alert gets.
    pub(super) labels: Labels,
    /// How long a value has to be there before the alert fires.
    pub(super) hold_ms: i64,
    annotations: BTreeMap<String, Template>,
    active: BTreeMap<Labels, Active>,
}

/// A set of labels for which there is a value.
#[derive(Debug)]
struct Active {
    /// Milliseconds since 1970.
    since: i64,
    state: State,
    value: f64,
    annotations: BTreeMap<String, String>,
}

/// From nothing to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Inactive,
    /// There is a value, not for long enough yet.
    Pending,
    Firing,
}

/// An alert as `/api/v1/alerts` has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertReply {
    labels: Labels,
    annotations: BTreeMap<String, String>,
    state: State,
    active_at: String,
    value: String,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

impl Alerting {
    pub(super) fn new(
        name: String,
        labels: Labels,
        hold_ms: i64,
        annotations: BTreeMap<String, Template>,
    ) -> Self {
        Self {
            name,
            labels,
            hold_ms,
            annotations,
            active: BTreeMap::new(),
        }
    }

    /// Takes in the values of this moment; what has none any more is over.
    pub(super) fn series(
        &mut self,
        values: impl Iterator<Item = (Labels, f64)>,
        at: i64,
    ) -> Vec<(Labels, f64)> {
        let mut before = std::mem::take(&mut self.active);
        let mut series = Vec::new();
        for (found, value) in values {
            let labels = found.without_name().with_all(&self.labels);
            let labels = labels.with("alertname", &self.name);
            let since = before.remove(&labels).map_or(at, |active| active.since);
            let state = if at - since >= self.hold_ms {
                State::Firing
            } else {
                State::Pending
            };
            let expanded = self.annotations.iter();
            let expanded = expanded.map(|(key, text)| (key.clone(), text.expand(&found, value)));
            let annotations = expanded.collect();
            series.push((shown(&labels, state), 1.0));
            self.active.insert(
                labels,
                Active {
                    since,
                    state,
                    value,
                    annotations,
                },
            );
        }
        series
    }

    /// The furthest of all its alerts.
    pub(super) fn state(&self) -> State {
        let states = self.active.values().map(|active| active.state);
        states.max().unwrap_or(State::Inactive)
    }

    pub(super) fn is_firing(&self) -> bool {
        self.state() == State::Firing
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// As the rule file has them.
    pub(super) fn annotation_texts(&self) -> BTreeMap<String, String> {
        let texts = self.annotations.iter();
        texts
            .map(|(key, template)| (key.clone(), template.to_string()))
            .collect()
    }

    pub(super) fn replies(&self) -> Vec<AlertReply> {
        let replies = self.active.iter().map(|(labels, active)| AlertReply {
            labels: labels.clone(),
            annotations: active.annotations.clone(),
            state: active.state,
            active_at: rfc3339(active.since),
            value: scientific(active.value),
        });
        replies.collect()
    }
}

fn shown(labels: &Labels, state: State) -> Labels {
    labels.with(NAME, SERIES).with("alertstate", state.name())
}

/// As Prometheus has the value of an alert: `1.5e+00`.
fn scientific(value: f64) -> String {
    if !value.is_finite() {
        return format_value(value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Alerting, Labels, State, scientific};

    fn labels(service: &str) -> Labels {
        Labels::from_iter([("__name__", "up"), ("service_name", service)])
    }

    #[test]
    fn an_alert_is_pending_then_fires_then_is_over() {
        let own = Labels::from_iter([("severity", "page")]);
        let mut alert = Alerting::new("Down".to_owned(), own, 30_000, [].into());
        let mut at = |second: i64, down: &[&str]| {
            let values = down.iter().map(|service| (labels(service), 0.0));
            alert.series(values, second * 1000);
            alert.state()
        };
        assert_eq!(at(0, &[]), State::Inactive);
        assert_eq!(at(10, &["user"]), State::Pending);
        assert_eq!(at(38, &["user"]), State::Pending);
        // Another starts to count for itself.
        assert_eq!(at(40, &["user", "profile"]), State::Firing);
        assert_eq!(at(42, &["profile"]), State::Pending);
        assert_eq!(at(44, &[]), State::Inactive);
        assert_eq!(at(46, &["user"]), State::Pending);
    }

    #[test]
    fn the_series_says_who_and_how_far() {
        let own = Labels::from_iter([("severity", "page")]);
        let mut alert = Alerting::new("Down".to_owned(), own, 0, [].into());
        let series = alert.series([(labels("user"), 0.0)].into_iter(), 0);
        let [(shown, _)] = &series[..] else {
            panic!("{series:?}")
        };
        let expected = "ALERTS{alertname=\"Down\", alertstate=\"firing\", \
                        service_name=\"user\", severity=\"page\"}";
        assert_eq!(shown.to_string(), expected);
    }

    #[test]
    fn a_value_has_an_exponent_of_two_digits() {
        let written = [0.0, 1.5, 12_345.0, 0.001, 1e100].map(scientific);
        assert_eq!(
            written,
            ["0e+00", "1.5e+00", "1.2345e+04", "1e-03", "1e+100"]
        );
    }
}
