//! The keys and values of a file, before they are checked.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{codes::RawCodes, error::FileError};

/// The keys of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) title: String,
    pub(super) lesson: String,
    pub(super) page: Option<String>,
    pub(super) alert: Option<String>,
    #[serde(default)]
    pub(super) call: Option<Spanned<String>>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) users: Option<Spanned<u32>>,
    pub(super) idempotency_key: Option<Spanned<bool>>,
    pub(super) fault: Option<Spanned<String>>,
    pub(super) baggage: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub(super) sampled: bool,
    pub(super) token: Option<Spanned<String>>,
    pub(super) rate_limit: Option<Spanned<u32>>,
    pub(super) baggage_keys: Option<Spanned<String>>,
    pub(super) profiles: Option<Spanned<u32>>,
    pub(super) profile_policy: Option<Spanned<String>>,
    pub(super) processes: Option<Spanned<String>>,
    pub(super) count: Option<Spanned<u32>>,
    pub(super) share: Option<Spanned<f64>>,
    pub(super) parallel: Option<Spanned<u32>>,
    pub(super) deadline: Option<Spanned<String>>,
    pub(super) updates: Option<Spanned<u32>>,
    pub(super) leave_after: Option<Spanned<u32>>,
    pub(super) without_fault: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) wait_for_recovery: bool,
    pub(super) codes: Spanned<RawCodes>,
    pub(super) spans_of: Option<Spanned<String>>,
    pub(super) spans: Option<Spanned<String>>,
    pub(super) linked: Option<Spanned<String>>,
    pub(super) samplers: Option<Spanned<String>>,
    pub(super) exemplars: Option<Spanned<String>>,
    pub(super) metrics: Option<Spanned<String>>,
    pub(super) queries: Option<Spanned<String>>,
}

fn yes() -> bool {
    true
}

/// The file and its text, to tell the line of an error.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text }
    }

    pub(super) fn error(&self, span: &Range<usize>, what: impl Into<String>) -> FileError {
        FileError::at(self.file, self.text, span, what)
    }

    /// Parses the value of a key; the default where the key is missing.
    pub(super) fn value<T, U>(
        &self,
        key: Option<&Spanned<T>>,
        default: U,
        read: impl Fn(&T) -> Result<U, String>,
    ) -> Result<U, FileError> {
        let Some(value) = key else {
            return Ok(default);
        };
        read(value.get_ref()).map_err(|what| self.error(&value.span(), what))
    }

    /// Parses the lines of a text, each with the lines before it.
    pub(super) fn lines<T>(
        &self,
        text: Option<&Spanned<String>>,
        read: impl Fn(&str, &[T]) -> Result<T, String>,
    ) -> Result<Vec<T>, FileError> {
        let mut found = Vec::new();
        let Some(text) = text else {
            return Ok(found);
        };
        // A line feed right after the quotes is not in the value.
        let begin = self.text.get(text.span()).unwrap_or_default();
        let quotes = ["\"\"\"\n", "\"\"\"\r\n", "'''\n", "'''\r\n"];
        let hidden = usize::from(quotes.iter().any(|quotes| begin.starts_with(quotes)));
        for (number, line) in text.get_ref().lines().enumerate() {
            if !line.trim().is_empty() {
                let line = read(line, &found)
                    .map_err(|what| self.error(&text.span(), what).below(hidden + number))?;
                found.push(line);
            }
        }
        Ok(found)
    }
}
