use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use opentelemetry::trace::TraceId;

use super::messages::StrategyResponse;

/// The strategy in the last answer of the server.
#[derive(Debug)]
pub(super) enum Strategy {
    /// This share of all traces.
    Ratio(f64),
    /// At most so many traces a second.
    Rate(Budget),
    /// A share for each operation, and one for the others.
    Operations(HashMap<String, Operation>, f64),
}

/// The share of one operation, and the traces a second that it has in any case.
#[derive(Debug)]
pub(super) struct Operation {
    ratio: f64,
    at_least: Budget,
}

impl Strategy {
    /// Reads an answer; `None` where it holds nothing, or a number that makes no sense.
    pub(super) fn read(response: StrategyResponse) -> Option<Self> {
        if let Some(by_operation) = response.by_operation {
            let lower_bound = by_operation.lower_bound;
            let operations = by_operation.operations.into_iter().filter_map(|operation| {
                let ratio = valid(operation.probabilistic?.ratio)?;
                let at_least = Budget::new(lower_bound);
                Some((operation.name, Operation { ratio, at_least }))
            });
            return Some(Self::Operations(
                operations.collect(),
                valid(by_operation.default_ratio)?,
            ));
        }
        if let Some(rate) = response.rate_limiting {
            return Some(Self::Rate(Budget::new(rate.traces_per_second.into())));
        }
        Some(Self::Ratio(valid(response.probabilistic?.ratio)?))
    }

    /// Whether a trace that begins with this operation is recorded.
    pub(super) fn samples(&self, trace_id: TraceId, operation: &str) -> bool {
        match self {
            Self::Ratio(ratio) => is_within(trace_id, *ratio),
            Self::Rate(budget) => budget.spend(Instant::now()),
            Self::Operations(operations, default_ratio) => match operations.get(operation) {
                None => is_within(trace_id, *default_ratio),
                Some(operation) => {
                    let within = is_within(trace_id, operation.ratio);
                    // A trace that the ratio samples counts for the minimum too.
                    let due = operation.at_least.spend(Instant::now());
                    within || due
                }
            },
        }
    }
}

fn valid(ratio: f64) -> Option<f64> {
    (0.0..=1.0).contains(&ratio).then_some(ratio)
}

/// The random part of a trace id decides, so that every service decides alike.
/// Spec: [random trace id](https://www.w3.org/TR/trace-context-2/#randomness-of-trace-id).
#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio needs no more than 53 bits"
)]
fn is_within(trace_id: TraceId, ratio: f64) -> bool {
    let bytes = trace_id.to_bytes();
    let random = bytes[9..]
        .iter()
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (random as f64) < ratio * (1_u64 << 56) as f64
}

/// A token bucket: fills at a rate, holds one second's worth and at least one token.
#[derive(Debug)]
pub(super) struct Budget {
    per_second: f64,
    state: Mutex<Tokens>,
}

#[derive(Debug)]
struct Tokens {
    left: f64,
    at: Instant,
}

impl Budget {
    pub(super) fn new(per_second: f64) -> Self {
        let per_second = if per_second.is_finite() {
            per_second.max(0.0)
        } else {
            0.0
        };
        let left = if per_second > 0.0 {
            per_second.max(1.0)
        } else {
            0.0
        };
        Self {
            per_second,
            state: Mutex::new(Tokens {
                left,
                at: Instant::now(),
            }),
        }
    }

    /// Takes a token, where there is one at this instant.
    pub(super) fn spend(&self, now: Instant) -> bool {
        let mut tokens = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(tokens.at).as_secs_f64();
        let filled = tokens.left + passed * self.per_second;
        tokens.left = filled.min(self.per_second.max(1.0));
        tokens.at = tokens.at.max(now);
        let enough = tokens.left >= 1.0;
        if enough {
            tokens.left -= 1.0;
        }
        enough
    }
}
