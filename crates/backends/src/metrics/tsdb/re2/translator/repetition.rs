//! Repetitions: `*`, `+`, `?` and `{n,m}`.

use super::{Part, Translator};
use crate::metrics::tsdb::re2::{
    error::PatternError,
    repeat::{Count, MAX_REPEATS, too_often},
};

impl<'a> Translator<'a> {
    /// Repeats the last part; `before` is a repetition that stands right before this one.
    pub(super) fn repeat(
        &mut self,
        count: &Count,
        after: &'a str,
        before: Option<&'a str>,
    ) -> Result<(), PatternError> {
        let begin = self.rest;
        let (after, is_swapped) = match after.strip_prefix('?') {
            Some(after) => (after, true),
            None => (after, false),
        };
        if let Some(before) = before {
            let both = &before[..before.len() - after.len()];
            return Err(PatternError::new(
                "invalid nested repetition operator",
                both,
            ));
        }
        let text = &begin[..begin.len() - after.len()];
        let missing = || PatternError::new("missing argument to repetition operator", text);
        let Part {
            begin: part,
            repeats,
        } = self.last.ok_or_else(missing)?;
        let repeats = count
            .factor()
            .map_or(1, |factor| repeats.saturating_mul(factor));
        if count.is_counted && repeats > MAX_REPEATS {
            return Err(too_often(text));
        }
        let lazy = if is_swapped == self.flags.lazy {
            ""
        } else {
            "?"
        };
        self.written.insert_str(part, "(?:");
        self.written.extend([")", &count.text, lazy]);
        self.last = Some(Part {
            begin: part,
            repeats,
        });
        self.nest(repeats);
        self.rest = after;
        self.repetition = Some(begin);
        Ok(())
    }
}
