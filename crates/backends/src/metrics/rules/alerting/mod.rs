#[cfg(test)]
mod tests;

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
