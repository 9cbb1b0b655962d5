use std::collections::BTreeMap;

use super::{
    alert::{self, Active, AlertReply, AlertState},
    template::Template,
};
use crate::metrics::tsdb::Labels;

/// Two alerts cannot be told apart, in Prometheus' words.
const SAME_LABELS: &str =
    "vector contains metrics with the same labelset after applying alert labels";

/// An alerting rule: each value of its expression is an alert, which fires when the value has been
/// there for a time.
#[derive(Debug)]
pub(super) struct Alerting {
    name: String,
    pub(super) definition: Definition,
    active: BTreeMap<Labels, Active>,
}

/// What the rule file says of an alert.
#[derive(Debug, Default)]
pub(super) struct Definition {
    /// Added to every alert.
    pub(super) labels: BTreeMap<String, Template>,
    /// How long a value has to be there before the alert fires.
    pub(super) hold_ms: i64,
    /// How long the alert keeps firing when there is no value any more.
    pub(super) keep_ms: i64,
    pub(super) annotations: BTreeMap<String, Template>,
}

impl Alerting {
    pub(super) fn new(name: String, definition: Definition) -> Self {
        Self {
            name,
            definition,
            active: BTreeMap::new(),
        }
    }

    /// Updates the alerts with the values of this moment. An alert without a value ends, or keeps
    /// firing for a while.
    ///
    /// # Errors
    /// When two values have the same labels; nothing changes then.
    pub(super) fn series(
        &mut self,
        values: impl Iterator<Item = (Labels, f64)>,
        at: i64,
    ) -> Result<Vec<(Labels, f64)>, String> {
        let mut found = BTreeMap::new();
        for (labels, value) in values {
            let key = self.labels(&labels, value);
            if found.insert(key, (labels, value)).is_some() {
                return Err(SAME_LABELS.to_owned());
            }
        }
        let mut before = std::mem::take(&mut self.active);
        for (labels, (own, value)) in found {
            let since = before.remove(&labels).map_or(at, |active| active.since);
            let active = self.active(&own, value, since, at);
            self.active.insert(labels, active);
        }
        for (labels, mut active) in before {
            let since = *active.kept_since.get_or_insert(at);
            if active.state == AlertState::Firing && at - since < self.definition.keep_ms {
                self.active.insert(labels, active);
            }
        }
        Ok(self.active.iter().flat_map(alert::series).collect())
    }

    /// The labels of an alert: those of the value, and those of the rule.
    fn labels(&self, found: &Labels, value: f64) -> Labels {
        let own = self.definition.labels.iter();
        let labels = own.fold(found.without_name(), |labels, (name, text)| {
            labels.with(name, &text.expand(found, value))
        });
        labels.with("alertname", &self.name)
    }

    fn active(&self, found: &Labels, value: f64, since: i64, at: i64) -> Active {
        let state = if at - since >= self.definition.hold_ms {
            AlertState::Firing
        } else {
            AlertState::Pending
        };
        let annotations = self.definition.annotations.iter();
        let annotations = annotations.map(|(key, text)| (key.clone(), text.expand(found, value)));
        Active {
            since,
            state,
            value,
            annotations: annotations.collect(),
            kept_since: None,
        }
    }

    /// The most urgent state of its alerts.
    pub(super) fn state(&self) -> AlertState {
        let states = self.active.values().map(|active| active.state);
        states.max().unwrap_or(AlertState::Inactive)
    }

    pub(super) fn is_firing(&self) -> bool {
        self.state() == AlertState::Firing
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn replies(&self) -> Vec<AlertReply> {
        self.active.iter().map(AlertReply::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{AlertState, Alerting, Definition, Labels, Template};

    fn labels(service: &str) -> Labels {
        Labels::from_iter([("__name__", "up"), ("service_name", service)])
    }

    fn alert(definition: Definition) -> Alerting {
        Alerting::new("Down".to_owned(), definition)
    }

    #[test]
    fn an_alert_is_pending_then_fires_then_is_over() {
        let mut alert = alert(Definition {
            hold_ms: 30_000,
            ..Definition::default()
        });
        let mut at = |second: i64, down: &[&str]| {
            let values = down.iter().map(|service| (labels(service), 0.0));
            alert.series(values, second * 1000).unwrap();
            alert.state()
        };
        assert_eq!(at(0, &[]), AlertState::Inactive);
        assert_eq!(at(10, &["user"]), AlertState::Pending);
        assert_eq!(at(38, &["user"]), AlertState::Pending);
        // Each alert has a time of its own.
        assert_eq!(at(40, &["user", "profile"]), AlertState::Firing);
        assert_eq!(at(42, &["profile"]), AlertState::Pending);
        assert_eq!(at(44, &[]), AlertState::Inactive);
        assert_eq!(at(46, &["user"]), AlertState::Pending);
    }

    #[test]
    fn an_alert_may_fire_on_for_a_while() {
        let mut alert = alert(Definition {
            keep_ms: 10_000,
            ..Definition::default()
        });
        let mut at = |second: i64, down: bool| {
            let values = down.then(|| (labels("user"), 0.0));
            alert.series(values.into_iter(), second * 1000).unwrap();
            alert.state()
        };
        assert_eq!(at(0, true), AlertState::Firing);
        assert_eq!(at(2, false), AlertState::Firing);
        assert_eq!(at(11, false), AlertState::Firing);
        assert_eq!(at(12, false), AlertState::Inactive);
    }

    #[test]
    fn the_series_say_who_and_how_far_and_since_when() {
        let severity = Template::parse("{{ $labels.service_name }} page").unwrap();
        let mut alert = alert(Definition {
            labels: [("severity".to_owned(), severity)].into(),
            ..Definition::default()
        });
        let series = alert.series([(labels("user"), 0.0)].into_iter(), 5999);
        let series: Vec<_> = series
            .unwrap()
            .iter()
            .map(|(labels, value)| format!("{labels} {value}"))
            .collect();
        let expected = [
            "ALERTS{alertname=\"Down\", alertstate=\"firing\", service_name=\"user\", \
             severity=\"user page\"} 1",
            "ALERTS_FOR_STATE{alertname=\"Down\", service_name=\"user\", \
             severity=\"user page\"} 5",
        ];
        assert_eq!(series, expected);
    }

    #[test]
    fn two_values_with_the_same_labels_change_nothing() {
        let mut alert = alert(Definition::default());
        let same = || {
            [
                (labels("user"), 0.0),
                (labels("user").with("__name__", "down"), 1.0),
            ]
        };
        assert!(alert.series(same().into_iter(), 0).is_err());
        assert_eq!(alert.state(), AlertState::Inactive);
    }
}
