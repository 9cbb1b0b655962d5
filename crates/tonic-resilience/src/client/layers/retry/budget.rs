use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tonic::Code;

use crate::completion::OnComplete;

/// Full: 10 tokens of 1000 parts.
const FULL: u32 = 10_000;

/// What a failure costs: one token.
const FAILURE: u32 = 1000;

/// What a success gives back: a tenth of a token.
const SUCCESS: u32 = 100;

/// The tokens that all calls of a client share, as gRFC A6 throttles retries.
///
/// Retries stop when half of them are gone: after 5 failures in a row, or when more than one call
/// in ten fails for long.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<AtomicU32>);

impl Budget {
    pub(super) fn full() -> Self {
        Self(Arc::new(AtomicU32::new(FULL)))
    }

    /// Takes a token for a failure; returns whether a retry is allowed.
    pub(super) fn failed(&self) -> bool {
        self.change(|tokens| tokens.saturating_sub(FAILURE)) > FULL / 2
    }

    /// Applies `change`; returns the tokens that are left.
    fn change(&self, change: impl Fn(u32) -> u32) -> u32 {
        let update = |tokens| Some(change(tokens));
        let before = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, update)
            .expect("the update never declines");
        change(before)
    }
}

/// A committed call gives tokens back when it succeeds.
impl OnComplete for Budget {
    fn complete(self, code: Code) {
        if code == Code::Ok {
            self.change(|tokens| (tokens + SUCCESS).min(FULL));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_tokens_is_for_retries_and_ten_successes_earn_one() {
        let budget = Budget::full();
        let allowed = (0..10).filter(|_| budget.failed()).count();
        assert_eq!(
            allowed, 4,
            "at the fifth failure half of the tokens is gone"
        );
        for _ in 0..61 {
            budget.clone().complete(Code::Ok);
        }
        assert!(budget.failed());
        assert!(!budget.failed());
    }
}
