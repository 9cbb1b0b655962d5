//! Which partition a record belongs to, as in the clients of Kafka: so what others write with the
//! same key is in the same partition.

/// Which of `partitions` has the records of a key; 0 where there is none.
///
/// The sign bit of the hash is cleared, as in Kafka's `BuiltInPartitioner`.
pub(super) fn partition(key: &[u8], partitions: usize) -> usize {
    let hash = murmur2(key) & 0x7fff_ffff;
    let hash = usize::try_from(hash).unwrap_or(usize::MAX);
    hash.checked_rem(partitions).unwrap_or(0)
}

/// `MurmurHash2` with 32 bits and the seed of Kafka.
///
/// Source: <https://en.wikipedia.org/wiki/MurmurHash>
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    let mut hash = words.fold(SEED ^ length, |hash, word| {
        let word = word
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
        let word = word.wrapping_mul(M);
        hash.wrapping_mul(M) ^ (word ^ word >> 24).wrapping_mul(M)
    });
    if !rest.is_empty() {
        let rest = rest
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
        hash = (hash ^ rest).wrapping_mul(M);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(M);
    hash ^ hash >> 15
}

#[cfg(test)]
mod tests {
    use super::{murmur2, partition};

    /// The values of Kafka's own tests of its clients.
    #[test]
    fn a_key_has_the_hash_of_the_clients_of_kafka() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            (
                "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
            ),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
        }
    }

    #[test]
    fn a_partition_is_one_of_those_that_are_there() {
        for key in 0..100 {
            assert!(partition(key.to_string().as_bytes(), 3) < 3);
        }
        assert_eq!(partition(b"1", 0), 0);
    }
}
