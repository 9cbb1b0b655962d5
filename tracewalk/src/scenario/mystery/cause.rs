use std::time::Duration;

use clap::ValueEnum;
use tonic_resilience::server::layers::inject_fault::Kind;

use crate::scenario::file::Scenario;

/// What goes wrong in a service, by what there is to see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Cause {
    /// It answers, late.
    Slow,
    /// It fails.
    Error,
    /// It fails, and does not when it is tried again.
    Recovers,
    /// It does not answer before the deadline.
    Silent,
    /// Its handler panics.
    Panic,
    /// It goes on without the trace.
    Cut,
}

/// Where a panel is: its dashboard and its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panel {
    pub(super) dashboard: &'static str,
    pub(super) title: &'static str,
    /// What is to be seen there.
    pub(super) shows: &'static str,
}

/// So long the user service waits for the profile service: whoever takes longer is silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// On a busy machine nobody finds a shorter delay.
const MIN_DELAY: Duration = Duration::from_millis(100);

impl Cause {
    pub(super) const ALL: [Self; 6] = [
        Self::Slow,
        Self::Error,
        Self::Recovers,
        Self::Silent,
        Self::Panic,
        Self::Cut,
    ];

    /// What the fault of a scenario looks like; `None` where it is not the same in each call, or
    /// nothing that can be seen.
    pub(super) fn of(scenario: &Scenario, fault: Kind) -> Option<Self> {
        Some(match fault {
            Kind::Delay(time) if time < MIN_DELAY => return None,
            Kind::Delay(time) if time < PATIENCE.min(scenario.calls.deadline) => Self::Slow,
            Kind::Delay(_) | Kind::Hang => Self::Silent,
            Kind::FailFirst(_) if scenario.codes.are_all_ok() => Self::Recovers,
            Kind::Error(_) => Self::Error,
            Kind::Panic => Self::Panic,
            Kind::DropContext => Self::Cut,
            // Where nobody tries again, it fails, and it would not.
            Kind::FailFirst(_) | Kind::ErrorRate(_) => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Error => "error",
            Self::Recovers => "recovers",
            Self::Silent => "silent",
            Self::Panic => "panic",
            Self::Cut => "cut",
        }
    }

    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Slow => "it answers, late",
            Self::Error => "it fails",
            Self::Recovers => "it fails, and does not when it is tried again",
            Self::Silent => "it does not answer before the deadline",
            Self::Panic => "its handler panics",
            Self::Cut => "it goes on without the trace",
        }
    }

    /// How the span of the service shows it.
    pub(super) fn in_span(self) -> &'static str {
        match self {
            Self::Slow => "long, and no span below it is",
            Self::Error => "it failed first; the spans above it pass that on",
            Self::Recovers => "the first one failed, the one of the next attempt did not",
            Self::Silent => "ended by its deadline or by its caller, and not by an answer",
            Self::Panic => "it has the event `panic`",
            Self::Cut => {
                "nothing is below it, and yet it answered: what it did is in another trace"
            }
        }
    }

    pub(super) fn panel(self) -> Panel {
        let panel = |dashboard, title, shows| Panel {
            dashboard,
            title,
            shows,
        };
        match self {
            Self::Slow => panel(
                "call-path",
                "p95 at each hop",
                "the lowest line that rises is of the slow service",
            ),
            Self::Error | Self::Panic => panel(
                "rpc-overview",
                "Answers other than OK",
                "a line of the service, with its code",
            ),
            Self::Recovers => panel(
                "calls-that-survive",
                "Retries, and why",
                "a line of its caller, with the code of the attempt that failed",
            ),
            Self::Silent => panel(
                "call-path",
                "Deadlines that passed",
                "the service furthest down with a line spent the time",
            ),
            Self::Cut => panel(
                "rpc-overview",
                "By service",
                "the services behind it are called, though the trace ends before them",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cause;

    #[test]
    fn the_panels_are_there() {
        for cause in Cause::ALL {
            let panel = cause.panel();
            let root = env!("CARGO_MANIFEST_DIR");
            let path = format!("{root}/../grafana/dashboards/{}.json", panel.dashboard);
            let dashboard: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let panels = dashboard["panels"].as_array().unwrap();
            let is_there = panels.iter().any(|it| it["title"] == panel.title);
            assert!(is_there, "{panel:?}");
            assert_eq!(dashboard["uid"], panel.dashboard);
        }
    }
}
