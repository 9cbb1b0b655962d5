use super::messages::BucketSpan;

/// Buckets that are not empty, as the format packs them: runs, and for each bucket the difference
/// from the one before.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Spans {
    pub(super) runs: Vec<BucketSpan>,
    pub(super) deltas: Vec<i64>,
    /// How many values are in these buckets.
    pub(super) count: u64,
}

impl Spans {
    /// Packs buckets in the order of their index.
    pub(super) fn of(buckets: impl Iterator<Item = (i32, u64)>) -> Self {
        let mut packed = Self::default();
        // The first run counts its distance from index 0, as if a run had ended there.
        let (mut end, mut before) = (0, 0);
        for (index, count) in buckets {
            match packed.runs.last_mut() {
                Some(span) if index == end => span.length += 1,
                _ => packed.runs.push(BucketSpan {
                    offset: index - end,
                    length: 1,
                }),
            }
            packed.deltas.push(count.wrapping_sub(before).cast_signed());
            packed.count += count;
            (end, before) = (index + 1, count);
        }
        // An empty run says that the histogram is native, though it has no values yet.
        if packed.runs.is_empty() {
            packed.runs.push(BucketSpan::default());
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_packed_in_runs() {
        let packed = Spans::of([(-8, 2), (-7, 5), (-4, 1), (48, 1)].into_iter());
        let spans =
            [(-8, 2), (2, 1), (51, 1)].map(|(offset, length)| BucketSpan { offset, length });
        assert_eq!(packed.runs, spans);
        assert_eq!(packed.deltas, [2, 3, -4, 0]);
        assert_eq!(packed.count, 9);
    }
}
