use std::time::Duration;

use tokio::time::Instant;

use super::window::Window;

/// When a breaker opens and closes; the defaults are those of the picture in the module's page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How far back calls count. Default 10 s.
    pub window: Duration,
    /// Fewest calls in the window that say anything. Default 10.
    pub min_calls: u32,
    /// The share of failures that opens, from 0 to 1. Default 0.5.
    pub failure_ratio: f64,
    /// How long all calls are refused. Default 5 s.
    pub open_for: Duration,
    /// Most calls while half-open, all of which must succeed to close. Default 3.
    pub probes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(10),
            min_calls: 10,
            failure_ratio: 0.5,
            open_for: Duration::from_secs(5),
            probes: 3,
        }
    }
}

/// The rule, without clocks of its own, tasks or metrics.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: Settings,
    state: State,
    /// Counts the changes of state: an outcome belongs to the state that let its call pass.
    era: u64,
}

#[derive(Debug)]
enum State {
    Closed(Window),
    Open { since: Instant },
    HalfOpen { running: u32, succeeded: u32 },
}

/// The state by name, with its number in the metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Closed = 0,
    HalfOpen = 1,
    Open = 2,
}

/// How a call ended, for the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Failure,
    /// Says nothing of the server.
    Neutral,
}

impl Breaker {
    pub(super) fn new(settings: Settings, now: Instant) -> Self {
        Self {
            settings,
            state: State::Closed(Window::new(settings.window, now)),
            era: 0,
        }
    }

    pub(super) fn position(&self) -> Position {
        match self.state {
            State::Closed(_) => Position::Closed,
            State::Open { .. } => Position::Open,
            State::HalfOpen { .. } => Position::HalfOpen,
        }
    }

    /// Lets a call pass, in the era returned, or says how long to wait.
    pub(super) fn admit(&mut self, now: Instant) -> Result<u64, Duration> {
        if let State::Open { since } = self.state {
            let left = self.settings.open_for.saturating_sub(now - since);
            if !left.is_zero() {
                return Err(left);
            }
            self.change(State::HalfOpen {
                running: 0,
                succeeded: 0,
            });
        }
        if let State::HalfOpen { running, succeeded } = &mut self.state {
            if *running + *succeeded >= self.settings.probes {
                return Err(self.settings.open_for);
            }
            *running += 1;
        }
        Ok(self.era)
    }

    /// Learns how a call ended that was let pass in `era`.
    pub(super) fn ended(&mut self, era: u64, outcome: Outcome, now: Instant) {
        if era != self.era {
            return;
        }
        match &mut self.state {
            State::Closed(window) if outcome != Outcome::Neutral => {
                let counts = window.add(outcome == Outcome::Failure, now);
                let share = f64::from(counts.failures) / f64::from(counts.calls);
                if counts.calls >= self.settings.min_calls && share >= self.settings.failure_ratio {
                    self.change(State::Open { since: now });
                }
            }
            State::HalfOpen { running, succeeded } => {
                *running -= 1;
                *succeeded += u32::from(outcome == Outcome::Success);
                if outcome == Outcome::Failure {
                    self.change(State::Open { since: now });
                } else if *succeeded >= self.settings.probes {
                    self.change(State::Closed(Window::new(self.settings.window, now)));
                }
            }
            State::Closed(_) | State::Open { .. } => {}
        }
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.era += 1;
    }
}
