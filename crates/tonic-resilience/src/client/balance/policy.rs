use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rand::seq::IndexedRandom;

use super::endpoint::Endpoint;

/// How one of the healthy servers is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The first healthy server, in the order of the target.
    PickFirst,
    /// Each in turn.
    #[default]
    RoundRobin,
    /// Each in turn, one with twice the weight twice as often, spread evenly.
    WeightedRoundRobin,
    /// Of two chosen at random, the one with fewer calls under way ([gRFC A48][a48]).
    ///
    /// [a48]: https://github.com/grpc/proposal/blob/master/A48-xds-least-request-lb-policy.md
    LeastRequest,
}

/// The names by which command lines know the policies.
const NAMES: [(&str, Policy); 4] = [
    ("pick_first", Policy::PickFirst),
    ("round_robin", Policy::RoundRobin),
    ("weighted_round_robin", Policy::WeightedRoundRobin),
    ("least_request", Policy::LeastRequest),
];

/// No policy has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a policy: expected pick_first, round_robin, weighted_round_robin or least_request"
)]
pub struct ParsePolicyError(String);

impl FromStr for Policy {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = NAMES.iter().find(|(name, _)| *name == text);
        named
            .map(|(_, policy)| *policy)
            .ok_or_else(|| ParsePolicyError(text.to_owned()))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMES.iter().find(|(_, policy)| policy == self);
        formatter.write_str(named.map_or("", |(name, _)| name))
    }
}

/// A policy at work: remembers whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Picker {
    policy: Policy,
    turn: AtomicUsize,
    /// Held while the credits change: their sum must stay the same.
    credits: Mutex<()>,
}

impl Picker {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// Picks one of the `ready` servers; `None` when there are none.
    pub(super) fn pick<'a>(&self, ready: &[&'a Arc<Endpoint>]) -> Option<&'a Arc<Endpoint>> {
        match self.policy {
            Policy::PickFirst => ready.first().copied(),
            Policy::RoundRobin => {
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                ready.get(turn % ready.len().max(1)).copied()
            }
            Policy::WeightedRoundRobin => self.weighted(ready),
            Policy::LeastRequest => ready
                .choose_multiple(&mut rand::rng(), 2)
                .min_by_key(|endpoint| endpoint.pool.calls())
                .copied(),
        }
    }

    /// Each server gets its weight as credit; the one with most credit is picked, and pays the sum
    /// of all weights.
    fn weighted<'a>(&self, ready: &[&'a Arc<Endpoint>]) -> Option<&'a Arc<Endpoint>> {
        // The lock guards no data that a panic could break.
        let _credits = self.credits.lock().unwrap_or_else(PoisonError::into_inner);
        let mut total = 0;
        for endpoint in ready {
            let weight = i64::from(endpoint.authority().weight());
            endpoint.credit.fetch_add(weight, Ordering::Relaxed);
            total += weight;
        }
        let most = ready
            .iter()
            .max_by_key(|endpoint| endpoint.credit.load(Ordering::Relaxed))?;
        most.credit.fetch_sub(total, Ordering::Relaxed);
        Some(most)
    }
}
