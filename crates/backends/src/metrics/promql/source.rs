use crate::metrics::tsdb::{Budget, BudgetError, Matcher, SampleStore, SeriesSamples};

/// Where samples come from: all that the engine asks of a store.
pub(crate) trait Source {
    /// The series that pass all matchers, with their samples of this time, both ends included.
    ///
    /// # Errors
    /// When there are more samples than the budget has room for, or its time is over.
    fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        budget: &Budget,
    ) -> Result<Vec<SeriesSamples>, BudgetError>;
}

impl Source for SampleStore {
    fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        budget: &Budget,
    ) -> Result<Vec<SeriesSamples>, BudgetError> {
        Self::select(self, matchers, from, to, budget)
    }
}
