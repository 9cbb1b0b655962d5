//! A plain model of the rule, which the breaker is tested against.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::breaker::{Breaker, Outcome, Position, Settings};

/// The rule of the module's page, in milliseconds, for calls that end at once.
enum Model {
    Closed {
        since: u64,
        /// In which second of `since` each call ended, and whether it failed.
        calls: Vec<(u64, bool)>,
    },
    Open {
        since: u64,
    },
    HalfOpen {
        succeeded: u32,
    },
}

impl Model {
    fn closed(now: u64) -> Self {
        Self::Closed {
            since: now,
            calls: Vec::new(),
        }
    }

    /// Whether a call is let pass; if so, it ends at once with `outcome`.
    fn call(&mut self, outcome: Outcome, now: u64) -> bool {
        if let Self::Open { since } = self {
            if now - *since < 5000 {
                return false;
            }
            *self = Self::HalfOpen { succeeded: 0 };
        }
        let failed = outcome == Outcome::Failure;
        match self {
            _ if outcome == Outcome::Neutral => {}
            Self::Closed { since, calls } => {
                let second = (now - *since) / 1000;
                calls.push((second, failed));
                calls.retain(|(ended, _)| ended + 10 > second);
                let failures = calls.iter().filter(|(_, failed)| *failed).count();
                if calls.len() >= 10 && 2 * failures >= calls.len() {
                    *self = Self::Open { since: now };
                }
            }
            Self::HalfOpen { .. } if failed => *self = Self::Open { since: now },
            Self::HalfOpen { succeeded: 2 } => *self = Self::closed(now),
            Self::HalfOpen { succeeded } => *succeeded += 1,
            Self::Open { .. } => unreachable!("it refuses"),
        }
        true
    }

    fn position(&self) -> Position {
        match self {
            Self::Closed { .. } => Position::Closed,
            Self::Open { .. } => Position::Open,
            Self::HalfOpen { .. } => Position::HalfOpen,
        }
    }
}

/// Failures and successes come in runs, as in practice: else the breaker would rarely close.
fn calls() -> impl Strategy<Value = Vec<(u64, Outcome)>> {
    let outcome = prop_oneof![
        Just(Outcome::Success),
        Just(Outcome::Failure),
        Just(Outcome::Neutral)
    ];
    let run = (0_u64..1500, outcome, 1_usize..12);
    let run = run.prop_map(|(pause, outcome, times)| vec![(pause, outcome); times]);
    prop::collection::vec(run, 1..40).prop_map(|runs| runs.concat())
}

proptest! {
    #[test]
    fn it_changes_by_the_rule_and_at_no_other_time(calls in calls()) {
        let start = Instant::now();
        let mut breaker = Breaker::new(Settings::default(), start);
        let mut model = Model::closed(0);
        let mut now = 0;
        for (pause, outcome) in calls {
            now += pause;
            let at = start + Duration::from_millis(now);
            let admitted = breaker.admit(at);
            prop_assert_eq!(admitted.is_ok(), model.call(outcome, now));
            if let Ok(generation) = admitted {
                breaker.ended(generation, outcome, at);
            }
            prop_assert_eq!(breaker.position(), model.position());
        }
    }
}
