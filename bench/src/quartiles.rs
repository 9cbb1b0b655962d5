//! What of repeated measurements is told.

use serde::Serialize;

/// The middle of some values, and how far they spread around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Quartiles {
    /// A quarter of the values does not exceed it.
    pub(crate) low: f64,
    /// Half of the values do not exceed it.
    pub(crate) median: f64,
    /// Three quarters of the values do not exceed it.
    pub(crate) high: f64,
}

impl Quartiles {
    /// Each is one of the values, and with two candidates the lower one.
    ///
    /// # Panics
    ///
    /// Without any value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let [low, median, high] = [1, 2, 3].map(|it| values[(values.len() - 1) * it / 4]);
        Self { low, median, high }
    }

    /// A value without a spread.
    #[cfg(any(feature = "serialization", test))]
    pub(crate) fn only(value: f64) -> Self {
        Self::of([value])
    }

    /// All three in another unit.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            median: self.median * factor,
            high: self.high * factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_values_in_any_order() {
        let of_nine = Quartiles::of([9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0]);
        assert_eq!((of_nine.low, of_nine.median, of_nine.high), (3.0, 5.0, 7.0));
        let of_four = Quartiles::of([40.0, 10.0, 30.0, 20.0]);
        assert_eq!(
            (of_four.low, of_four.median, of_four.high),
            (10.0, 20.0, 30.0)
        );
        assert_eq!(Quartiles::of([3.0]), Quartiles::only(3.0));
    }
}
