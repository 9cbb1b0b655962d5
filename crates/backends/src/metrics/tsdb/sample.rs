use super::labels::Labels;

/// The samples of a series, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct SeriesSamples {
    pub(crate) labels: Labels,
    pub(crate) samples: Vec<Sample>,
}

/// A number at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) value: f64,
}

/// The one NaN that says "the series ends here"; Prometheus uses the same.
const STALE: u64 = 0x7ff0_0000_0000_0002;

impl Sample {
    /// The end of a series.
    pub(crate) fn stale(at: i64) -> Self {
        Self {
            at,
            value: f64::from_bits(STALE),
        }
    }

    pub(crate) fn is_stale(self) -> bool {
        self.value.to_bits() == STALE
    }
}
