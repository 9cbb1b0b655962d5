//! `*`, `+`, `?` and `{2,5}`

use super::error::PatternError;

/// The most repetitions, also of repetitions inside each other.
pub(super) const MAX_REPEATS: u32 = 1000;

/// How often a part must occur and may occur.
#[derive(Clone, Debug)]
pub(super) struct Count {
    /// As it is written.
    pub(super) text: String,
    least: u32,
    most: Option<u32>,
    pub(super) is_counted: bool,
}

impl Count {
    /// What `*`, `+` or `?` says.
    pub(super) fn of(symbol: char) -> Self {
        Self {
            text: symbol.to_string(),
            least: u32::from(symbol == '+'),
            most: (symbol == '?').then_some(1),
            is_counted: false,
        }
    }

    /// By how much it multiplies what is inside.
    pub(super) fn factor(&self) -> Option<u32> {
        match self.most {
            Some(0) => None,
            _ if !self.is_counted => Some(1),
            most => Some(most.unwrap_or(self.least).max(1)),
        }
    }
}

/// `{2}`, `{2,}` or `{2,5}`, and what follows; `None` if `{` stands for itself.
pub(super) fn counted(text: &str) -> Option<(Result<Count, PatternError>, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    let whole = &text[..text.len() - after.len()];
    let (least, most) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    let is_bad = least > MAX_REPEATS || most.is_some_and(|it| it > MAX_REPEATS || it < least);
    let count = if is_bad {
        Err(too_often(whole))
    } else {
        let text = whole.to_owned();
        Ok(Count {
            text,
            least,
            most,
            is_counted: true,
        })
    };
    Some((count, after))
}

/// Decimal digits without leading zeros. A number that is too large becomes the largest `u32`,
/// which is above any limit.
fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    let is_padded = digits.len() > 1 && digits.starts_with('0');
    (is_number && !is_padded).then(|| digits.parse().unwrap_or(u32::MAX))
}

pub(super) fn too_often(part: &str) -> PatternError {
    PatternError::new("invalid repeat count", part)
}
