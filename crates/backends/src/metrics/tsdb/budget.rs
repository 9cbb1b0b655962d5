use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// Why a query was stopped.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum BudgetError {
    #[error("query timed out in expression evaluation")]
    Timeout,
    #[error("query processing would load too many samples into memory in query execution")]
    TooManySamples,
}

/// The time and the room that a query may take.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Instant,
    /// How many values the query may still take. Values that are freed are not given back.
    values: Cell<usize>,
    /// How many samples have been processed since the last look at the clock.
    work: Cell<usize>,
}

/// The most values of one query, 80 MB if they all were there at once.
const MAX_VALUES: usize = 5_000_000;

/// How many samples are processed between two looks at the clock.
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

    /// Takes room for this many values.
    ///
    /// # Errors
    /// When there is no room, or the time is over.
    pub(crate) fn spend(&self, values: usize) -> Result<(), BudgetError> {
        let left = self.values.get().checked_sub(values);
        self.values.set(left.ok_or(BudgetError::TooManySamples)?);
        self.check()
    }

    /// Counts samples as processed, and looks at the clock from time to time.
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
