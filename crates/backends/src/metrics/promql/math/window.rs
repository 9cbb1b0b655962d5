use crate::metrics::tsdb::Sample;

/// The samples of one series that one step sees, as `[5m]` asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    /// The samples after `start`, up to and including `end`; never empty when a function is run.
    pub(crate) samples: &'a [Sample],
    /// Milliseconds since 1970.
    pub(crate) start: i64,
    pub(crate) end: i64,
}

impl<'a> Window<'a> {
    /// Windows are open at their start, as since Prometheus 3: with a sample every 10 s, `[1m]` then
    /// always has six of them, and not seven when a step falls on the moment of a scrape.
    pub(crate) fn new(samples: &'a [Sample], start: i64, end: i64) -> Self {
        let from = samples.partition_point(|sample| sample.at <= start);
        let to = samples.partition_point(|sample| sample.at <= end);
        Self {
            samples: &samples[from..to],
            start,
            end,
        }
    }

    /// The values, oldest first.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> + use<'a> {
        self.samples.iter().map(|sample| sample.value)
    }
}
