use std::time::{Duration, Instant};

use opentelemetry::trace::TraceId;
use proptest::prelude::*;

use super::super::Strategy;
use super::super::messages::StrategyResponse;
use super::super::strategy::Budget;
use super::{by_operation, share};

/// How many of a thousand traces that begin with this operation are sampled.
fn sampled(strategy: &Strategy, operation: &str) -> usize {
    // Their random part is spread evenly, from half a step on.
    let step = (1_u128 << 56) / 1000;
    let ids = (0..1000).map(|number| TraceId::from(number * step + step / 2));
    ids.filter(|id| strategy.samples(*id, operation)).count()
}

#[test]
fn ratio_takes_its_share_of_all_traces() {
    for (ratio, expected) in [(0.0, 0), (0.25, 250), (1.0, 1000)] {
        let strategy = Strategy::read(share(ratio)).expect("a valid ratio");
        assert_eq!(sampled(&strategy, "GetUser"), expected, "{ratio}");
    }
}

#[test]
fn operation_has_its_own_share_and_a_minimum() {
    let response = by_operation(0.5, 2.0, &[("GetUser", 1.0), ("Check", 0.0)]);
    let strategy = Strategy::read(response).expect("valid ratios");
    assert_eq!(sampled(&strategy, "GetUser"), 1000);
    assert_eq!(sampled(&strategy, "CreateUser"), 500);
    let minimum = sampled(&strategy, "Check");
    assert!((2..10).contains(&minimum), "{minimum}");
}

#[test]
fn nonsense_changes_nothing() {
    for ratio in [-0.1, 1.1, f64::NAN] {
        assert!(Strategy::read(share(ratio)).is_none(), "{ratio}");
    }
    assert!(Strategy::read(StrategyResponse::default()).is_none());
}

#[test]
fn budget_fills_with_time_and_holds_a_second() {
    let begin = Instant::now();
    let budget = Budget::new(10.0);
    let spend = |seconds: u64| {
        let now = begin + Duration::from_secs(seconds);
        (0..100).filter(|_| budget.spend(now)).count()
    };
    assert_eq!((spend(1), spend(1), spend(2), spend(3600)), (10, 0, 10, 10));
    assert!(!Budget::new(0.0).spend(begin) && !Budget::new(-1.0).spend(begin));
    assert!(!Budget::new(f64::NAN).spend(begin));
}

proptest! {
    #[test]
    fn larger_share_takes_all_that_a_smaller_one_takes(id in any::<u128>(), a in 0.0..1.0, b in 0.0..1.0) {
        let (small, large) = if a < b { (a, b) } else { (b, a) };
        let id = TraceId::from(id);
        if Strategy::Ratio(small).samples(id, "") {
            prop_assert!(Strategy::Ratio(large).samples(id, ""));
        }
    }
}
