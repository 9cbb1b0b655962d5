/// The moments of an evaluation, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub(crate) first: i64,
    /// The time between two moments.
    pub(crate) step: i64,
    /// How many there are, at least one.
    pub(crate) steps: usize,
    /// The end that the request names, which `@ end()` means: up to a step after the last moment.
    pub(crate) end: i64,
}

impl Timeline {
    /// One moment.
    pub(crate) fn at(moment: i64) -> Self {
        Self {
            first: moment,
            step: 1,
            steps: 1,
            end: moment,
        }
    }

    /// From `first` on, as long as it is not later than `end`.
    pub(crate) fn between(first: i64, end: i64, step: i64) -> Self {
        let after_first = usize::try_from((end - first) / step).unwrap_or(0);
        Self {
            first,
            step,
            steps: after_first + 1,
            end,
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
