mod samplers;
mod server;
mod strategy;

use super::messages::{ByOperation, Operation, Probabilistic, StrategyResponse};

/// The answer that asks for this share of all traces.
fn share(ratio: f64) -> StrategyResponse {
    StrategyResponse {
        probabilistic: Some(Probabilistic { ratio }),
        ..Default::default()
    }
}

/// The answer that asks for a share of each operation, and of all others.
fn by_operation(others: f64, lower_bound: f64, shares: &[(&str, f64)]) -> StrategyResponse {
    let operations = shares.iter().map(|(name, ratio)| Operation {
        name: (*name).to_owned(),
        probabilistic: share(*ratio).probabilistic,
    });
    let by_operation = ByOperation {
        default_ratio: others,
        lower_bound,
        operations: operations.collect(),
    };
    StrategyResponse {
        by_operation: Some(by_operation),
        ..Default::default()
    }
}
