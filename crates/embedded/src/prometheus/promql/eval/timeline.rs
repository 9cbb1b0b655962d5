/// The moments of an evaluation, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub(crate) first: i64,
    /// From one to the next.
    pub(crate) step: i64,
    /// How many there are, at least one.
    pub(crate) steps: usize,
}

impl Timeline {
    /// One moment.
    pub(crate) fn at(moment: i64) -> Self {
        Self {
            first: moment,
            step: 1,
            steps: 1,
        }
    }

    /// From `first` on, as long as it is not later than `last`.
    pub(crate) fn between(first: i64, last: i64, step: i64) -> Self {
        let after_first = usize::try_from((last - first) / step).unwrap_or(0);
        Self {
            first,
            step,
            steps: after_first + 1,
        }
    }

    pub(crate) fn last(&self) -> i64 {
        self.moment(self.steps - 1)
    }

    pub(crate) fn moments(self) -> impl Iterator<Item = i64> {
        (0..self.steps).map(move |index| self.moment(index))
    }

    fn moment(self, index: usize) -> i64 {
        self.first + self.step * i64::try_from(index).unwrap_or(i64::MAX)
    }
}
