//! Groups, rules and alerts as the API has them.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{
    alert::{AlertReply, AlertState},
    group::{Group, Rule, RuleKind},
    template::texts,
};
use crate::metrics::{number::seconds, time::rfc3339, tsdb::Matcher};

/// Which rules are asked for: an empty list takes all.
#[derive(Debug, Default)]
pub(crate) struct RuleFilter {
    /// `alert` or `record`.
    pub(crate) kind: Option<String>,
    pub(crate) names: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) files: Vec<String>,
    /// The labels of a rule have to match one of them; a label with a template matches none.
    pub(crate) selectors: Vec<Vec<Matcher>>,
    pub(crate) without_alerts: bool,
}

impl RuleFilter {
    pub(super) fn takes_group(&self, group: &Group) -> bool {
        let is_in = |list: &[String], name| list.is_empty() || list.contains(name);
        is_in(&self.groups, &group.name) && is_in(&self.files, &group.file)
    }

    fn takes(&self, rule: &Rule) -> bool {
        let kind = match rule.kind {
            RuleKind::Recording(_) => "record",
            RuleKind::Alerting(_) => "alert",
        };
        let is_named = self.names.is_empty() || self.names.contains(&rule.name);
        let is_selected = self.selectors.is_empty() || {
            let labels = match &rule.kind {
                RuleKind::Recording(recording) => recording.labels.clone(),
                RuleKind::Alerting(alerting) => texts(&alerting.definition.labels),
            };
            let accepts = |matcher: &Matcher| {
                let text = labels.get(&*matcher.name).map_or("", String::as_str);
                // The text that a template will expand to is not known.
                !text.contains("{{") && matcher.accepts_value(text)
            };
            let mut selectors = self.selectors.iter();
            selectors.any(|matchers| matchers.iter().all(accepts))
        };
        is_named && is_selected && self.kind.as_deref().is_none_or(|it| it == kind)
    }
}

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
    labels: BTreeMap<String, String>,
    #[serde(flatten)]
    kind: KindReply,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum KindReply {
    Recording,
    #[serde(rename_all = "camelCase")]
    Alerting {
        state: AlertState,
        /// Seconds.
        duration: f64,
        /// Seconds.
        keep_firing_for: f64,
        annotations: BTreeMap<String, String>,
        alerts: Option<Vec<AlertReply>>,
    },
}

/// Groups, and where the next page begins.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    group_next_token: Option<String>,
    groups: Vec<GroupReply>,
}

impl Page {
    pub(crate) fn all(groups: Vec<GroupReply>) -> Self {
        Self {
            group_next_token: None,
            groups,
        }
    }

    /// At most `limit` groups, by file and name, from the one with the token on; `None` if no group
    /// has this token.
    pub(crate) fn of(
        mut groups: Vec<GroupReply>,
        limit: usize,
        token: Option<&str>,
    ) -> Option<Self> {
        groups.sort_by_key(GroupReply::token);
        let first = match token {
            Some(token) => groups.iter().position(|group| group.token() == token)?,
            None => 0,
        };
        let mut groups = groups.split_off(first);
        let after = groups.get(limit).map(GroupReply::token);
        groups.truncate(limit);
        Some(Self {
            group_next_token: after,
            groups,
        })
    }
}

impl GroupReply {
    /// Identifies the group.
    fn token(&self) -> String {
        format!("{};{}", self.file, self.name)
    }

    /// With the rules that are wanted.
    pub(super) fn new(group: &Group, wanted: &RuleFilter, interval: Duration) -> Self {
        let rules = group.rules.iter().filter(|rule| wanted.takes(rule));
        let rules = rules.map(|rule| RuleReply::new(rule, wanted.without_alerts));
        Self {
            name: group.name.clone(),
            file: group.file.clone(),
            rules: rules.collect(),
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
    fn new(rule: &Rule, without_alerts: bool) -> Self {
        let (labels, kind) = match &rule.kind {
            RuleKind::Recording(recording) => (recording.labels.clone(), KindReply::Recording),
            RuleKind::Alerting(alerting) => {
                let definition = &alerting.definition;
                let alerts = (!without_alerts).then(|| alerting.replies());
                let kind = KindReply::Alerting {
                    state: alerting.state(),
                    duration: seconds(definition.hold_ms),
                    keep_firing_for: seconds(definition.keep_ms),
                    annotations: texts(&definition.annotations),
                    alerts,
                };
                (texts(&definition.labels), kind)
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
            labels,
            kind,
        }
    }
}
