use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use crate::prometheus::promql::error::EvalError;

/// What a query may take.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Instant,
    /// Values that may still be held. An estimate from above: what is let go does not come back.
    values: Cell<usize>,
}

/// The most values of one query, about 160 MB if they all were there at once.
const MAX_VALUES: usize = 10_000_000;

impl Budget {
    pub(crate) fn new(time: Duration) -> Self {
        Self {
            deadline: Instant::now() + time,
            values: Cell::new(MAX_VALUES),
        }
    }

    /// # Errors
    /// When the time is over.
    pub(super) fn check(&self) -> Result<(), EvalError> {
        if Instant::now() > self.deadline {
            return Err(EvalError::Timeout);
        }
        Ok(())
    }

    /// Takes room for so many values.
    ///
    /// # Errors
    /// When there is no room, or the time is over.
    pub(super) fn spend(&self, values: usize) -> Result<(), EvalError> {
        let left = self.values.get().checked_sub(values);
        self.values.set(left.ok_or(EvalError::TooManySamples)?);
        self.check()
    }
}
