use std::time::Duration;

use tonic_resilience::server::layers::inject_fault::Fault;

use crate::load::Kind;

/// What is called, and how.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) kind: CallKind,
    /// The user to ask for; by default one that exists.
    pub(super) user: Option<String>,
    /// How many users a lookup asks for, or an import has.
    pub(super) users: u32,
    /// Whether `CreateUser` may be tried again.
    pub(super) idempotency_key: bool,
    pub(super) faults: Vec<Fault>,
    /// Baggage beside the faults.
    pub(super) baggage: Option<String>,
    /// Whether the caller leaves it to the gateway to sample its traces, or says that it shall not.
    pub(super) sampled: bool,
    pub(super) count: u32,
    /// So many more are made that they are this share of what the gateway was called in the last hour.
    pub(super) share: Option<f64>,
    /// The most calls in flight.
    pub(super) parallel: usize,
    pub(super) deadline: Duration,
    /// How many updates a watch asks for, 20 ms apart.
    pub(super) updates: u32,
    /// After how many updates the caller of a watch cancels it.
    pub(super) leave_after: Option<u32>,
    /// How many calls without a fault are made at the same time; all must be answered.
    pub(super) without_fault: u32,
    /// The code of the call whose trace is looked at, the last that ends so; by default the last call.
    pub(super) spans_of: Option<String>,
    /// Whether the stack must be healthy again before the metrics are read.
    pub(super) wait_for_recovery: bool,
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum CallKind {
    Known(Kind),
    /// Each call is of another method, none of which is there.
    Unknown,
}

impl CallKind {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let known = Kind::ALL.into_iter().map(Self::Known);
        known.chain([Self::Unknown])
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Known(kind) => kind.name(),
            Self::Unknown => "unknown",
        }
    }
}
