//! One alert: its state, its series, and what the API says of it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metrics::{
    number::{scientific, seconds},
    time::rfc3339,
    tsdb::{Labels, NAME},
};

/// The series that shows which alerts are pending or firing.
const SERIES: &str = "ALERTS";

/// The series that shows since when an alert has its value, in seconds since 1970.
const SINCE_SERIES: &str = "ALERTS_FOR_STATE";

/// An alert: one set of labels for which the expression has a value.
#[derive(Debug)]
pub(super) struct Active {
    /// Milliseconds since 1970.
    pub(super) since: i64,
    pub(super) state: AlertState,
    pub(super) value: f64,
    pub(super) annotations: BTreeMap<String, String>,
    /// Since when the alert fires without a value.
    pub(super) kept_since: Option<i64>,
}

/// The states of an alert, the most urgent one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AlertState {
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
    state: AlertState,
    active_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_firing_since: Option<String>,
    value: String,
}

impl AlertState {
    fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

impl From<(&Labels, &Active)> for AlertReply {
    fn from((labels, active): (&Labels, &Active)) -> Self {
        Self {
            labels: labels.clone(),
            annotations: active.annotations.clone(),
            state: active.state,
            active_at: rfc3339(active.since),
            keep_firing_since: active.kept_since.map(rfc3339),
            value: scientific(active.value),
        }
    }
}

/// The series of an alert.
pub(super) fn series((labels, active): (&Labels, &Active)) -> [(Labels, f64); 2] {
    let state = labels.with("alertstate", active.state.name());
    [
        (state.with(NAME, SERIES), 1.0),
        // Whole seconds, as in Prometheus.
        (
            labels.with(NAME, SINCE_SERIES),
            seconds(active.since).floor(),
        ),
    ]
}
