use std::time::Duration;

use tokio::time::Instant;

use super::window::Window;

/// When a breaker opens and closes; the defaults are those of the picture in the module's page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How far back calls count. Default 10 s.
    pub window: Duration,
    /// Fewest calls in the window before the share of failures counts. Default 10.
    pub min_calls: u32,
    /// The share of failures that opens, from 0 to 1. Default 0.5.
    pub failure_ratio: f64,
    /// How long all calls are refused. Default 5 s.
    pub open_for: Duration,
    /// Most probes while half-open, all of which must succeed to close the breaker. Probes without
    /// a result after `open_for` make room for others. Default 3.
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
    generation: u64,
}

#[derive(Debug)]
enum State {
    Closed(Window),
    Open { since: Instant },
    HalfOpen(Probes),
}

/// The calls that were let pass while half-open.
#[derive(Clone, Copy, Debug)]
struct Probes {
    running: u32,
    succeeded: u32,
    /// When the last of them was let pass.
    latest: Instant,
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
    /// Says nothing about the server, so it is not counted.
    Neutral,
}

impl Breaker {
    pub(super) fn new(settings: Settings, now: Instant) -> Self {
        Self {
            settings,
            state: State::Closed(Window::new(settings.window, now)),
            generation: 0,
        }
    }

    pub(super) fn position(&self) -> Position {
        match self.state {
            State::Closed(_) => Position::Closed,
            State::Open { .. } => Position::Open,
            State::HalfOpen(_) => Position::HalfOpen,
        }
    }

    /// Lets a call pass and returns its generation, or returns how long to wait.
    pub(super) fn admit(&mut self, now: Instant) -> Result<u64, Duration> {
        if let State::Open { since } = self.state {
            let left = self.settings.open_for.saturating_sub(now - since);
            if !left.is_zero() {
                return Err(left);
            }
            self.probe(0, now);
        }
        if let State::HalfOpen(probes) = self.state
            && probes.running + probes.succeeded >= self.settings.probes
        {
            let left = self.settings.open_for.saturating_sub(now - probes.latest);
            if !left.is_zero() {
                return Err(left);
            }
            // Probes without an answer make room; the result of one that ends later is ignored.
            self.probe(probes.succeeded, now);
        }
        if let State::HalfOpen(probes) = &mut self.state {
            probes.running += 1;
            probes.latest = now;
        }
        Ok(self.generation)
    }

    /// Counts a stream of `generation` that began well as a success if it was a probe; returns
    /// whether it was one. The end of such a stream is not counted.
    pub(super) fn began(&mut self, generation: u64, now: Instant) -> bool {
        let is_probe = generation == self.generation && matches!(self.state, State::HalfOpen(_));
        if is_probe {
            self.ended(generation, Outcome::Success, now);
        }
        is_probe
    }

    /// Counts the outcome of a call that was let pass in `generation`.
    pub(super) fn ended(&mut self, generation: u64, outcome: Outcome, now: Instant) {
        if generation != self.generation {
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
            State::HalfOpen(probes) => {
                probes.running -= 1;
                probes.succeeded += u32::from(outcome == Outcome::Success);
                if outcome == Outcome::Failure {
                    self.change(State::Open { since: now });
                } else if probes.succeeded >= self.settings.probes {
                    self.change(State::Closed(Window::new(self.settings.window, now)));
                }
            }
            State::Closed(_) | State::Open { .. } => {}
        }
    }

    fn probe(&mut self, succeeded: u32, now: Instant) {
        self.change(State::HalfOpen(Probes {
            running: 0,
            succeeded,
            latest: now,
        }));
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}
