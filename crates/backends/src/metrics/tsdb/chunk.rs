use super::{
    sample::Sample,
    varint::{read, unzigzag, write, zigzag},
};

/// Eight minutes of a series that is scraped every 2 s. Old samples are dropped in whole chunks, so
/// a sample may stay this much longer than the retention.
const MAX_SAMPLES: usize = 240;

/// Consecutive samples of a series: two to four bytes for a counter's sample, up to twelve for that
/// of a gauge with fractions, and almost none while interval and value stay the same.
///
/// An hour of 20,000 series at 2 s is 36 million samples: 576 MB as pairs of eight bytes. A scraper's
/// samples come at even times and mostly repeat or grow slowly, so each is stored as its difference
/// from the one before. The idea is that of Prometheus' XOR chunks, which are written in bits; here it is
/// whole bytes.
///
/// ```text
///   0 n              the next n samples come after the same time, and have the same value
///   1+zigzag(d) x    the time to the next sample is d longer than the last one was, and x are the
///                    bits of the value that changed
/// ```
///
/// All numbers but n, which is one byte, are varints: groups of seven bits, the lowest first, so a
/// small number takes one byte. `x` is the XOR of the two values' bits. A float that changes a little
/// changes in the upper bits of its fraction, so x has zeros at its lower end; the bits are rotated and
/// reversed to make that a small number: the fraction's first bit becomes the lowest one, and sign and
/// exponent, which rarely change, the highest.
#[derive(Debug)]
pub(super) struct Chunk {
    first: Sample,
    last: Sample,
    /// Between the last two samples.
    interval: i64,
    samples: usize,
    bytes: Vec<u8>,
    /// Whether `bytes` ends with a `0 n` that may grow.
    repeats: bool,
}

impl Chunk {
    pub(super) fn new(first: Sample) -> Self {
        Self {
            first,
            last: first,
            interval: 0,
            samples: 1,
            bytes: Vec::new(),
            repeats: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.samples >= MAX_SAMPLES
    }

    pub(super) fn first(&self) -> Sample {
        self.first
    }

    pub(super) fn last(&self) -> Sample {
        self.last
    }

    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.capacity()
    }

    /// Frees the room for further samples.
    pub(super) fn close(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Adds a sample that is later than all others.
    pub(super) fn push(&mut self, sample: Sample) {
        let interval = sample.at - self.last.at;
        let later = interval - self.interval;
        let change = sample.value.to_bits() ^ self.last.value.to_bits();
        if later == 0 && change == 0 {
            self.repeat();
        } else {
            self.repeats = false;
            write(&mut self.bytes, zigzag(later) + 1);
            write(&mut self.bytes, change.rotate_left(12).reverse_bits());
        }
        self.interval = interval;
        self.last = sample;
        self.samples += 1;
    }

    pub(super) fn samples(&self) -> impl Iterator<Item = Sample> {
        Reader {
            bytes: self.bytes.iter(),
            next: Some(self.first),
            interval: 0,
            repeats: 0,
        }
    }

    fn repeat(&mut self) {
        match self.bytes.last_mut() {
            Some(count) if self.repeats && *count < u8::MAX => *count += 1,
            _ => self.bytes.extend([0, 1]),
        }
        self.repeats = true;
    }
}

#[derive(Debug)]
struct Reader<'a> {
    bytes: std::slice::Iter<'a, u8>,
    next: Option<Sample>,
    interval: i64,
    repeats: u8,
}

impl Reader<'_> {
    fn after(&mut self, Sample { at, value }: Sample) -> Option<Sample> {
        let mut bits = value.to_bits();
        if self.repeats > 0 {
            self.repeats -= 1;
        } else {
            match read(&mut self.bytes)? {
                0 => self.repeats = self.bytes.next()? - 1,
                later => {
                    self.interval += unzigzag(later - 1);
                    bits ^= read(&mut self.bytes)?.reverse_bits().rotate_right(12);
                }
            }
        }
        Some(Sample {
            at: at + self.interval,
            value: f64::from_bits(bits),
        })
    }
}

impl Iterator for Reader<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let sample = self.next.take()?;
        self.next = self.after(sample);
        Some(sample)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Chunk, Sample};

    fn filled(samples: &[(i64, f64)]) -> Chunk {
        let mut samples = samples.iter().map(|(at, value)| Sample {
            at: *at,
            value: *value,
        });
        let mut chunk = Chunk::new(samples.next().unwrap());
        samples.for_each(|sample| chunk.push(sample));
        chunk
    }

    #[test]
    fn what_does_not_change_takes_no_room() {
        let samples: Vec<_> = (0..240).map(|second| (second * 2000, 7.0)).collect();
        assert!(filled(&samples).bytes.len() < 8);
    }

    #[test]
    fn a_counter_takes_four_bytes_a_sample() {
        let counter = (0..240_u16).map(|n| (i64::from(n) * 2000, 9000.0 + f64::from(n) * 9.0));
        let chunk = filled(&counter.collect::<Vec<_>>());
        assert!(chunk.bytes.len() < 4 * 240, "{}", chunk.bytes.len());
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            start in -1_000_000_000_000_i64..4_000_000_000_000,
            steps in proptest::collection::vec((1_i64..100_000, any::<u64>()), 1..300),
            flat in any::<bool>(),
        ) {
            let mut at = start;
            let samples: Vec<_> = steps.into_iter().map(|(step, bits)| {
                at += step;
                (at, if flat { 1.0 } else { f64::from_bits(bits) })
            }).collect();
            let chunk = filled(&samples);
            let read = chunk.samples().map(|it| (it.at, it.value.to_bits()));
            let written = samples.iter().map(|(at, value)| (*at, value.to_bits()));
            prop_assert_eq!(read.collect::<Vec<_>>(), written.collect::<Vec<_>>());
        }
    }
}
