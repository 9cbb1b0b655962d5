//! Sums and means that correct the rounding of each addition.

use crate::metrics::number::count;

/// A sum with the error of each addition carried along: Kahan's, in Neumaier's form.
///
/// Without it the last digits of a sum of many small values, such as the buckets of hundreds of
/// series, depend on their order. Prometheus does the same, so a test can compare the digits.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sum: f64,
    error: f64,
}

impl Sum {
    fn plus(self, value: f64) -> Self {
        let sum = self.sum + value;
        let error = if sum.is_infinite() {
            0.0
        } else if self.sum.abs() >= value.abs() {
            self.error + ((self.sum - sum) + value)
        } else {
            self.error + ((value - sum) + self.sum)
        };
        Self { sum, error }
    }

    fn times(self, factor: f64) -> Self {
        let (sum, error) = (self.sum * factor, self.error * factor);
        Self { sum, error }
    }

    fn value(self) -> f64 {
        self.sum + self.error
    }
}

pub(crate) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(Sum::default(), Sum::plus).value()
}

/// The sum divided by the count or, when the sum is too large for a `f64`, a running mean. NaN when
/// there are no values.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut total = Sum::default();
    let mut number = 0;
    let mut is_moving = false;
    for value in values {
        number += 1;
        let seen = count(number);
        if !is_moving {
            let next = total.plus(value);
            // A first value that is infinite is no overflow.
            if number == 1 || !next.sum.is_infinite() {
                total = next;
                continue;
            }
            is_moving = true;
            total = total.times(1.0 / (seen - 1.0));
        }
        total = total.times((seen - 1.0) / seen).plus(value / seen);
    }
    if is_moving {
        total.value()
    } else {
        total.sum / count(number) + total.error / count(number)
    }
}

/// The mean of the squares of the distances from the mean, in one pass.
pub(crate) fn variance(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut mean, mut squares) = (Sum::default(), Sum::default());
    let mut seen = 0;
    for value in values {
        seen += 1;
        let distance = value - mean.value();
        mean = mean.plus(distance / count(seen));
        squares = squares.plus(distance * (value - mean.value()));
    }
    squares.value() / count(seen)
}

#[cfg(test)]
mod tests {
    use super::{mean, sum, variance};
    use crate::metrics::number::format_value;

    #[test]
    fn what_is_small_beside_what_is_large_is_not_lost() {
        let values = [1e100, 1.0, -1e100, 1.0];
        assert_eq!(format_value(sum(values)), "2");
        assert_eq!(format_value(mean(values)), "0.5");
        assert_eq!(format_value(sum([0.1; 10])), "1");
    }

    #[test]
    fn the_mean_of_the_largest_numbers_is_one_of_them() {
        assert!((mean([f64::MAX; 3]) / f64::MAX - 1.0).abs() < 1e-15);
        assert_eq!(format_value(mean([f64::INFINITY, 1.0])), "+Inf");
        assert_eq!(format_value(mean([])), "NaN");
    }

    #[test]
    fn equal_values_have_no_variance() {
        assert_eq!(format_value(variance([1e9 + 0.1; 7])), "0");
        assert_eq!(format_value(variance([1.0, 3.0])), "1");
    }
}
