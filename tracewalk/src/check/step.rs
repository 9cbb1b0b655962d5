use std::time::Duration;

use super::parts::Part;

/// A step on the way from an RPC to a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The gateway says that it serves.
    Gateway,
    /// Each process of each service is ready.
    Services,
    /// A call goes through all three services.
    Call,
    /// The trace of the call is in Jaeger, and whole.
    Trace,
    /// No span was lost on the way there.
    Spans,
    /// Each service counted the call.
    Histograms,
    /// The counts have exemplars, which lead to traces.
    Exemplars,
    /// Prometheus has read the counts.
    Prometheus,
    /// Prometheus keeps the exemplars.
    StoredExemplars,
    /// The alerts are loaded and silent.
    Rules,
    /// Grafana has its data sources and dashboards.
    Grafana,
    /// Without Grafana: the page of `tracewalk up` has the dashboards.
    Dashboards,
    /// The log records of the call are kept.
    Logs,
    /// Each panel's query has an answer.
    Panels,
}

impl Step {
    /// All steps, in the order of the walk.
    pub(super) const ALL: [Self; 14] = [
        Self::Gateway,
        Self::Services,
        Self::Call,
        Self::Trace,
        Self::Spans,
        Self::Histograms,
        Self::Exemplars,
        Self::Prometheus,
        Self::StoredExemplars,
        Self::Rules,
        Self::Grafana,
        Self::Dashboards,
        Self::Logs,
        Self::Panels,
    ];

    /// Its place in the walk, from 1.
    pub(super) fn number(self) -> usize {
        self as usize + 1
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Services => "services",
            Self::Call => "call",
            Self::Trace => "trace",
            Self::Spans => "spans",
            Self::Histograms => "histograms",
            Self::Exemplars => "exemplars",
            Self::Prometheus => "prometheus",
            Self::StoredExemplars => "stored exemplars",
            Self::Rules => "rules",
            Self::Grafana => "grafana",
            Self::Dashboards => "dashboards",
            Self::Logs => "logs",
            Self::Panels => "panels",
        }
    }

    /// The steps that must hold before this one is checked.
    pub(super) fn needs(self) -> &'static [Self] {
        match self {
            Self::Gateway | Self::Services => &[],
            Self::Call => &[Self::Gateway, Self::Services],
            Self::Trace | Self::Histograms => &[Self::Call],
            Self::Spans => &[Self::Trace],
            Self::Exemplars => &[Self::Trace, Self::Histograms],
            Self::Prometheus => &[Self::Histograms],
            Self::StoredExemplars => &[Self::Exemplars, Self::Prometheus],
            // An alert may fire because of a finding of these steps, and is right then.
            Self::Rules => &[Self::Spans, Self::Prometheus],
            Self::Grafana | Self::Dashboards => &[Self::Trace, Self::Prometheus],
            // Loki is reached through Grafana.
            Self::Logs => &[Self::Trace, Self::Grafana],
            Self::Panels => &[
                Self::Trace,
                Self::Prometheus,
                Self::Grafana,
                Self::Dashboards,
                Self::Logs,
            ],
        }
    }

    /// The part that the step checks, if it may be left out.
    pub(super) fn part(self) -> Option<Part> {
        match self {
            Self::Prometheus | Self::StoredExemplars | Self::Rules | Self::Panels => {
                Some(Part::Prometheus)
            }
            Self::Grafana => Some(Part::Grafana),
            Self::Dashboards => Some(Part::Dashboards),
            _ => None,
        }
    }

    /// How long the data that the step looks for may be on its way.
    pub(super) fn max_wait(self) -> Duration {
        Duration::from_secs(match self {
            Self::Gateway | Self::Services | Self::Call | Self::Dashboards => 0,
            // A batch of spans leaves twice a second, and Jaeger collects for one more second.
            Self::Trace | Self::Spans | Self::Histograms | Self::Exemplars => 10,
            // Three scrapes; a log record goes through three queues.
            Self::Prometheus | Self::StoredExemplars | Self::Rules | Self::Grafana | Self::Logs => {
                15
            }
            // A rate needs two scrapes, and a recorded rate a third; then the call must change it.
            Self::Panels => 30,
        })
    }
}
