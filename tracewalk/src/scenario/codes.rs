//! How many of the calls end with which code: `OK = 12`, or `OK = "500..600"`.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    ops::RangeInclusive,
};

use serde::Deserialize;

use super::spans::is_code;

/// As they stand in the file.
pub(super) type RawCodes = BTreeMap<String, RawCount>;

/// A number, or a range in text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawCount {
    Number(u32),
    Range(String),
}

/// How many calls end with each code.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Codes(BTreeMap<String, RangeInclusive<u32>>);

impl Codes {
    /// So many calls that are all `OK`.
    pub(super) fn all_ok(count: u32) -> Self {
        Self(BTreeMap::from([("OK".to_owned(), count..=count)]))
    }

    /// Reads the codes of `count` calls.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(raw: &RawCodes, count: u32) -> Result<Self, String> {
        let codes = raw.iter().map(|(code, number)| {
            if !is_code(code) {
                return Err(format!(
                    "`{code}` is not a status code: expected one as NOT_FOUND"
                ));
            }
            let range = number.range()?;
            if *range.start() == 0 {
                return Err(format!("`{code}` is of no call: expected 1 or more"));
            }
            Ok((code.clone(), range))
        });
        let codes: BTreeMap<_, _> = codes.collect::<Result<_, _>>()?;
        let sum = |end: fn(&RangeInclusive<u32>) -> &u32| -> u64 {
            codes.values().map(|range| u64::from(*end(range))).sum()
        };
        let possible = sum(RangeInclusive::start)..=sum(RangeInclusive::end);
        if possible.contains(&u64::from(count)) {
            return Ok(Self(codes));
        }
        let nearest = u64::from(count).clamp(*possible.start(), *possible.end());
        Err(format!(
            "the codes are those of {nearest} calls: expected {count}, as `count` says"
        ))
    }

    /// Whether a call may end so.
    pub(super) fn has(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }

    /// Whether no call ends with another code.
    pub(super) fn are_all_ok(&self) -> bool {
        self.0.keys().all(|code| code == "OK")
    }

    /// Whether calls may have ended so.
    pub(super) fn allow(&self, seen: &BTreeMap<String, u32>) -> bool {
        let is_expected = |(code, range): (&String, &RangeInclusive<u32>)| {
            seen.get(code).is_some_and(|count| range.contains(count))
        };
        self.0.iter().all(is_expected) && seen.keys().all(|code| self.0.contains_key(code))
    }
}

impl RawCount {
    fn range(&self) -> Result<RangeInclusive<u32>, String> {
        match self {
            Self::Number(number) => Ok(*number..=*number),
            Self::Range(text) => {
                let range = text.split_once("..");
                let range = range.and_then(|(least, most)| {
                    let range = least.parse().ok()?..=most.parse().ok()?;
                    (!range.is_empty()).then_some(range)
                });
                range.ok_or_else(|| {
                    format!("`{text}` is not a count: expected one as 5 or \"5..9\"")
                })
            }
        }
    }
}

impl Display for Codes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, (code, range)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let (least, most) = (range.start(), range.end());
            if least == most {
                write!(f, "{comma}{code} {least}")?;
            } else {
                write!(f, "{comma}{code} {least}..{most}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Codes, RawCodes, RawCount};

    #[rstest]
    #[case(&[("OK", 500), ("ABORTED", 100)], true)]
    #[case(&[("OK", 400), ("ABORTED", 200)], false)]
    #[case(&[("OK", 600)], false)]
    #[case(&[("OK", 500), ("ABORTED", 99), ("INTERNAL", 1)], false)]
    fn calls_may_end_within_the_range_of_each_code(
        #[case] seen: &[(&str, u32)],
        #[case] allowed: bool,
    ) {
        let raw = RawCodes::from([
            ("OK".to_owned(), RawCount::Range("450..599".to_owned())),
            ("ABORTED".to_owned(), RawCount::Range("1..150".to_owned())),
        ]);
        let codes = Codes::read(&raw, 600).unwrap();
        assert_eq!(codes.to_string(), "ABORTED 1..150, OK 450..599");
        let seen = seen
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count));
        assert_eq!(codes.allow(&seen.collect()), allowed);
    }
}
