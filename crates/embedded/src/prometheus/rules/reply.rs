//! Groups, rules and alerts as the API has them.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{
    alerting::{AlertReply, State},
    group::{Group, Rule, Work},
};
use crate::prometheus::{labels::Labels, promql::seconds, time::rfc3339};

/// A group as `/api/v1/rules` has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupReply {
    name: String,
    file: String,
    rules: Vec<RuleReply>,
    /// Seconds.
    interval: f64,
    limit: usize,
    /// Seconds.
    evaluation_time: f64,
    last_evaluation: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleReply {
    name: String,
    query: String,
    health: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_error: String,
    evaluation_time: f64,
    last_evaluation: String,
    labels: Labels,
    #[serde(flatten)]
    kind: KindReply,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum KindReply {
    Recording,
    #[serde(rename_all = "camelCase")]
    Alerting {
        state: State,
        /// Seconds.
        duration: f64,
        /// Always zero: an alert is over with its cause.
        keep_firing_for: f64,
        annotations: BTreeMap<String, String>,
        alerts: Vec<AlertReply>,
    },
}

impl GroupReply {
    /// With the rules of one kind, `alert` or `record`, or with all.
    pub(super) fn new(group: &Group, kind: Option<&str>, interval: Duration) -> Self {
        let wanted = group.rules.iter().filter(|rule| match rule.work {
            Work::Recording(_) => kind != Some("alert"),
            Work::Alerting(_) => kind != Some("record"),
        });
        Self {
            name: group.name.clone(),
            file: group.file.clone(),
            rules: wanted.map(RuleReply::new).collect(),
            interval: interval.as_secs_f64(),
            limit: 0,
            evaluation_time: group.run.took.as_secs_f64(),
            last_evaluation: rfc3339(group.run.at),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl RuleReply {
    fn new(rule: &Rule) -> Self {
        let (labels, kind) = match &rule.work {
            Work::Recording(recording) => (&recording.labels, KindReply::Recording),
            Work::Alerting(alerting) => {
                let kind = KindReply::Alerting {
                    state: alerting.state(),
                    duration: seconds(alerting.hold_ms),
                    keep_firing_for: 0.0,
                    annotations: alerting.annotation_texts(),
                    alerts: alerting.replies(),
                };
                (&alerting.labels, kind)
            }
        };
        let (health, last_error) = match &rule.outcome {
            None => ("unknown", String::new()),
            Some(Ok(())) => ("ok", String::new()),
            Some(Err(error)) => ("err", error.clone()),
        };
        Self {
            name: rule.name.clone(),
            query: rule.text.clone(),
            health,
            last_error,
            evaluation_time: rule.run.took.as_secs_f64(),
            last_evaluation: rfc3339(rule.run.at),
            labels: labels.clone(),
            kind,
        }
    }
}
