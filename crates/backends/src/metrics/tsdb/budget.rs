use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// A query that takes more than it may.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum BudgetError {
    #[error("query timed out in expression evaluation")]
    Timeout,
    #[error("query processing would load too many samples into memory in query execution")]
    TooManySamples,
}

/// What a query may take.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Instant,
    /// Values that may still be held. An estimate from above: what is let go does not come back.
    values: Cell<usize>,
    /// What has been done since the last look at the clock.
    work: Cell<usize>,
}

/// The most values of one query, 80 MB if they all were there at once.
const MAX_VALUES: usize = 5_000_000;

/// How many samples are gone through between two looks at the clock.
const STRIDE: usize = 100_000;

impl Budget {
    pub(crate) fn new(time: Duration) -> Self {
        Self::until(Instant::now() + time)
    }

    pub(crate) fn until(deadline: Instant) -> Self {
        Self {
            deadline,
            values: Cell::new(MAX_VALUES),
            work: Cell::new(0),
        }
    }

    /// # Errors
    /// When the time is over.
    pub(crate) fn check(&self) -> Result<(), BudgetError> {
        if Instant::now() > self.deadline {
            return Err(BudgetError::Timeout);
        }
        Ok(())
    }

    /// Takes room for so many values.
    ///
    /// # Errors
    /// When there is no room, or the time is over.
    pub(crate) fn spend(&self, values: usize) -> Result<(), BudgetError> {
        let left = self.values.get().checked_sub(values);
        self.values.set(left.ok_or(BudgetError::TooManySamples)?);
        self.check()
    }

    /// Goes through so many samples.
    ///
    /// # Errors
    /// When the time is over.
    pub(crate) fn work(&self, samples: usize) -> Result<(), BudgetError> {
        let done = self.work.get() + samples;
        if done < STRIDE {
            self.work.set(done);
            return Ok(());
        }
        self.work.set(0);
        self.check()
    }
}
