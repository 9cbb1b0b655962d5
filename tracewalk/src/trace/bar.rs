//! A span's place in time, as a row of blocks.

/// The eighths of a block from the left.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Draws `duration` from `start` on a line of `width` columns that stands for `whole`.
///
/// The bar starts at a whole column and ends at an eighth; it is never longer than the line and
/// never shorter than an eighth. Returns the number of spaces before the bar, and the bar.
pub(super) fn bar(start: u64, duration: u64, whole: u64, width: usize) -> (usize, String) {
    let columns = eighths(width);
    let scale = |time: u64| {
        let time = u128::from(time.min(whole)) * u128::from(columns);
        u64::try_from(time / u128::from(whole.max(1))).unwrap_or(columns)
    };
    let first = scale(start) / 8;
    let first = usize::try_from(first)
        .unwrap_or(width)
        .min(width.saturating_sub(1));
    let length = scale(duration).clamp(1, (columns - eighths(first)).max(1));
    let length = usize::try_from(length).unwrap_or(1);
    let bar = "█".repeat(length / 8) + EIGHTHS[length % 8];
    (first, bar)
}

fn eighths(columns: usize) -> u64 {
    u64::try_from(columns).unwrap_or(u64::MAX).saturating_mul(8)
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::bar;

    #[test]
    fn half_of_the_time_is_half_of_the_line() {
        assert_eq!(bar(500, 500, 1_000, 10), (5, "█████".to_owned()));
    }

    #[test]
    fn the_shortest_span_is_visible() {
        assert_eq!(bar(1_000, 0, 1_000, 10), (9, "▏".to_owned()));
        assert_eq!(bar(0, 0, 0, 10), (0, "▏".to_owned()));
    }

    proptest! {
        #[test]
        fn a_bar_stays_on_its_line(start: u64, duration: u64, whole: u64, width in 1_usize..300) {
            let (before, bar) = bar(start, duration, whole, width);
            prop_assert!(!bar.is_empty());
            prop_assert!(before + bar.chars().count() <= width);
        }
    }
}
