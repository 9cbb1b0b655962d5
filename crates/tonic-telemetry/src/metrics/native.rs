use std::{
    f64::consts::SQRT_2,
    sync::atomic::{AtomicU64, Ordering},
};

/// Each power of two is divided into 2³ buckets, so a bound is 9 % above the one before it.
pub(super) const SCHEMA: i32 = 3;

/// Values up to 2⁻¹⁴ s, or 61 µs, are counted as zero.
pub(super) const ZERO_THRESHOLD: f64 = 1.0 / 16384.0;

/// The bucket above the zero bucket: bucket `i` is from 2^((i-1)/8), exclusive, to 2^(i/8).
const FIRST: i32 = 8 * -14 + 1;

/// The bucket up to 2⁶ s. Longer values are counted here too.
const LAST: i32 = 8 * 6;

const LEN: usize = LAST.abs_diff(FIRST) as usize + 1;

/// 2^(j/8) for each `j` below 8, rounded as Prometheus rounds its bounds.
const FRACTIONS: [f64; 8] = [
    1.0,
    1.090_507_732_665_257_7,
    1.189_207_115_002_721,
    1.296_839_554_651_009_6,
    SQRT_2,
    1.542_210_825_407_940_7,
    1.681_792_830_507_429,
    1.834_008_086_409_342_4,
];

/// The native histogram of one series: a zero bucket, and 160 that cover 61 µs to 64 s.
///
/// A fixed array, so that recording only adds to one number: it takes no lock, allocates nothing,
/// and cannot grow. It takes 1.3 KB.
/// Spec: [native histograms, schema](https://prometheus.io/docs/specs/native_histograms/#schema).
#[derive(Debug)]
pub(super) struct NativeBuckets {
    zero: AtomicU64,
    positive: [AtomicU64; LEN],
}

impl NativeBuckets {
    pub(super) fn new() -> Self {
        Self {
            zero: AtomicU64::new(0),
            positive: [const { AtomicU64::new(0) }; LEN],
        }
    }

    pub(super) fn observe(&self, seconds: f64) {
        let bucket = if seconds <= ZERO_THRESHOLD {
            &self.zero
        } else {
            let index = index(seconds).clamp(FIRST, LAST);
            &self.positive[index.abs_diff(FIRST) as usize]
        };
        bucket.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn zero(&self) -> u64 {
        self.zero.load(Ordering::Relaxed)
    }

    /// The buckets that are not empty, by their index.
    pub(super) fn positive(&self) -> impl Iterator<Item = (i32, u64)> {
        let counts = self.positive.iter().map(|it| it.load(Ordering::Relaxed));
        (FIRST..).zip(counts).filter(|(_, count)| *count > 0)
    }
}

/// The bucket of a positive number, from its bits: a logarithm is not exact at the bounds.
fn index(value: f64) -> i32 {
    const FRACTION: u64 = (1 << 52) - 1;
    let bits = value.to_bits();
    let exponent = i32::try_from(bits >> 52).unwrap_or(i32::MAX) - 1023;
    let fraction = f64::from_bits(bits & FRACTION | 1.0_f64.to_bits());
    // A bound is inclusive, so a power of two belongs to the bucket that ends with it.
    let bounds_below = FRACTIONS.iter().filter(|bound| **bound < fraction).count();
    8 * exponent + i32::try_from(bounds_below).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Where a value is counted: `None` is the zero bucket.
    fn counted(seconds: f64) -> Option<i32> {
        let buckets = NativeBuckets::new();
        buckets.observe(seconds);
        let positive: Vec<_> = buckets.positive().collect();
        match (buckets.zero(), &positive[..]) {
            (1, []) => None,
            (0, [(index, 1)]) => Some(*index),
            other => panic!("{seconds} is counted as {other:?}"),
        }
    }

    /// Whether value^8 <= 2^index, by whole numbers: exact, but too slow for anything but a test.
    fn is_at_most(value: f64, index: i32) -> bool {
        let bits = value.to_bits();
        let exponent = i32::try_from(bits >> 52).unwrap() - 1075;
        let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
        // value = mantissa * 2^exponent; the eighth power as limbs of 32 bits, lowest first.
        let mut power = vec![1_u64];
        for factor in [mantissa & 0xffff_ffff, mantissa >> 32].repeat(8).chunks(2) {
            let mut product = vec![0_u64; power.len() + 2];
            for (shift, half) in factor.iter().enumerate() {
                let mut carry = 0;
                for (at, limb) in power.iter().chain([&0]).enumerate() {
                    let sum = product[at + shift] + limb * half + carry;
                    product[at + shift] = sum & 0xffff_ffff;
                    carry = sum >> 32;
                }
            }
            power = product;
        }
        let bit = |at: usize| power[at / 32] >> (at % 32) & 1;
        let top = (0..power.len() * 32)
            .rev()
            .find(|at| bit(*at) == 1)
            .unwrap();
        let is_power_of_two = (0..top).all(|at| bit(at) == 0);
        let log = i32::try_from(top).unwrap() + 8 * exponent;
        log < index || log == index && is_power_of_two
    }

    #[rstest]
    #[case::nothing(0.0, None)]
    #[case::before_the_start(-1.0, None)]
    #[case::threshold(ZERO_THRESHOLD, None)]
    #[case::above_the_threshold(ZERO_THRESHOLD.next_up(), Some(FIRST))]
    #[case::one(1.0, Some(0))]
    #[case::above_one(1.0_f64.next_up(), Some(1))]
    #[case::below_one(1.0_f64.next_down(), Some(0))]
    #[case::half(0.5, Some(-8))]
    #[case::root(SQRT_2, Some(4))]
    #[case::above_the_root(SQRT_2.next_up(), Some(5))]
    #[case::longest(64.0, Some(LAST))]
    #[case::too_long(64.0_f64.next_up(), Some(LAST))]
    #[case::a_day(86_400.0, Some(LAST))]
    #[case::for_ever(f64::INFINITY, Some(LAST))]
    #[case::no_number(f64::NAN, Some(LAST))]
    fn a_value_is_counted_in_one_bucket(#[case] seconds: f64, #[case] bucket: Option<i32>) {
        assert_eq!(counted(seconds), bucket);
    }

    #[test]
    fn powers_of_two_are_upper_bounds() {
        for power in -13..=6 {
            let value = 2.0_f64.powi(power);
            assert_eq!(counted(value), Some(8 * power));
            assert!(is_at_most(value, 8 * power) && !is_at_most(value, 8 * power - 1));
        }
    }

    #[test]
    fn a_series_takes_as_much_as_the_docs_say() {
        assert_eq!(size_of::<NativeBuckets>(), 161 * 8);
    }

    proptest! {
        #[test]
        fn a_value_is_between_the_bounds_of_its_bucket(
            exponent in 1023_u64 - 14..1023 + 6,
            fraction in 1_u64..1 << 52,
        ) {
            let value = f64::from_bits(exponent << 52 | fraction);
            // Prometheus rounds its bounds too, so values at a bound are not tested.
            prop_assume!(!FRACTIONS.iter().any(|bound| bound.to_bits() & ((1 << 52) - 1) == fraction));
            let bucket = counted(value).expect("above the threshold");
            prop_assert!(is_at_most(value, bucket), "{value} above bucket {bucket}");
            prop_assert!(!is_at_most(value, bucket - 1), "{value} below bucket {bucket}");
        }
    }
}
