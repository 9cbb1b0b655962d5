//! Trace and span ids: numbers that are never zero, written as lowercase hex.

use std::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
    str::FromStr,
};

/// Names one trace: 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TraceId(NonZeroU128);

/// Names one span within its trace: 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SpanId(NonZeroU64);

/// Bytes or digits that are no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadId {
    #[error("an id has {got} bytes instead of {expected}")]
    Length { expected: usize, got: usize },
    #[error("an id is all zero")]
    Zero,
    #[error("a trace id is 1 to 32 hexadecimal digits")]
    Digits,
}

impl TryFrom<&[u8]> for TraceId {
    type Error = BadId;

    fn try_from(bytes: &[u8]) -> Result<Self, BadId> {
        let bytes = bytes.try_into().map_err(|_| BadId::Length {
            expected: 16,
            got: bytes.len(),
        })?;
        NonZeroU128::new(u128::from_be_bytes(bytes))
            .map(Self)
            .ok_or(BadId::Zero)
    }
}

impl TryFrom<&[u8]> for SpanId {
    type Error = BadId;

    fn try_from(bytes: &[u8]) -> Result<Self, BadId> {
        let bytes = bytes.try_into().map_err(|_| BadId::Length {
            expected: 8,
            got: bytes.len(),
        })?;
        NonZeroU64::new(u64::from_be_bytes(bytes))
            .map(Self)
            .ok_or(BadId::Zero)
    }
}

impl FromStr for TraceId {
    type Err = BadId;

    /// Leading zeros may be left out, as some tools do.
    fn from_str(digits: &str) -> Result<Self, BadId> {
        // `from_str_radix` alone would accept a plus sign.
        if digits.len() > 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(BadId::Digits);
        }
        let number = u128::from_str_radix(digits, 16).map_err(|_| BadId::Digits)?;
        NonZeroU128::new(number).map(Self).ok_or(BadId::Zero)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};
    use rstest::rstest;

    use super::{BadId, SpanId, TraceId};

    #[rstest]
    #[case("", BadId::Digits)]
    #[case("+1", BadId::Digits)]
    #[case("xyz", BadId::Digits)]
    #[case("é", BadId::Digits)]
    #[case("000", BadId::Zero)]
    #[case("100000000000000000000000000000000", BadId::Digits)]
    fn digits_that_name_no_trace_are_refused(#[case] digits: &str, #[case] reason: BadId) {
        assert_eq!(digits.parse::<TraceId>(), Err(reason));
    }

    #[test]
    fn short_trace_ids_are_padded_with_zeros() {
        let id: TraceId = "ABC".parse().unwrap();
        assert_eq!(id.to_string(), "00000000000000000000000000000abc");
    }

    proptest! {
        #[test]
        fn ids_are_written_and_read_back(bytes: [u8; 16]) {
            if let Ok(id) = TraceId::try_from(&bytes[..]) {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }

        #[test]
        fn only_eight_bytes_make_a_span_id(bytes: Vec<u8>) {
            let zero = bytes.iter().all(|byte| *byte == 0);
            prop_assert_eq!(SpanId::try_from(&bytes[..]).is_ok(), bytes.len() == 8 && !zero);
        }
    }
}
