use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use super::breaker::Position;

/// The series of all breakers of a process.
#[derive(Clone, Debug)]
pub struct BreakerMetrics {
    state: IntGaugeVec,
    transitions: IntCounterVec,
    refused: IntCounterVec,
}

/// The series of one breaker.
#[derive(Clone, Debug)]
pub(super) struct TargetMetrics {
    target: String,
    state: IntGauge,
    /// To closed, half-open and open, in the order of their numbers.
    transitions: [IntCounter; 3],
    pub(super) refused: IntCounter,
}

impl BreakerMetrics {
    /// Registers the series; call it once for each registry.
    ///
    /// # Errors
    ///
    /// When the registry has series of these names.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let options = |name: &str, help: &str| Opts::new(name, help);
        let state = "0 is closed, 1 half-open, 2 open: calls are refused.";
        let state = IntGaugeVec::new(options("circuit_breaker_state", state), &["target"])?;
        let transitions = IntCounterVec::new(
            options("circuit_breaker_transitions_total", "Changes of state."),
            &["target", "to"],
        )?;
        let refused = IntCounterVec::new(
            options("circuit_breaker_refused_total", "Calls that were not made."),
            &["target"],
        )?;
        registry.register(Box::new(state.clone()))?;
        registry.register(Box::new(transitions.clone()))?;
        registry.register(Box::new(refused.clone()))?;
        Ok(Self {
            state,
            transitions,
            refused,
        })
    }

    /// The series of one target, which exist from here on, at zero.
    pub(super) fn of(&self, target: &str) -> TargetMetrics {
        let to = |to| self.transitions.with_label_values(&[target, to]);
        TargetMetrics {
            target: target.to_owned(),
            state: self.state.with_label_values(&[target]),
            transitions: [to("closed"), to("half_open"), to("open")],
            refused: self.refused.with_label_values(&[target]),
        }
    }
}

impl TargetMetrics {
    /// Counts and logs a change of state.
    pub(super) fn changed(&self, to: Position) {
        self.state.set(to as i64);
        self.transitions[to as usize].inc();
        let target = &self.target;
        match to {
            Position::Open => tracing::warn!(target, "circuit breaker opened: calls are refused"),
            Position::HalfOpen => tracing::info!(target, "circuit breaker half-open: probing"),
            Position::Closed => tracing::info!(target, "circuit breaker closed"),
        }
    }
}
