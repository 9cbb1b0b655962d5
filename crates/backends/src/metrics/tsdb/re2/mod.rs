//! Patterns in [RE2's syntax](https://github.com/google/re2/wiki/Syntax), as Go reads it and
//! Prometheus uses it: `.` matches a line break too, and the whole text has to match.
//!
//! Rust's `regex` searches as RE2 does, in linear time, but reads another syntax: `{id}` is refused,
//! and `\d`, `\w`, `\s` and `\b` know all of Unicode. So a pattern is read here, and written anew in
//! what both understand: single characters, sets of ranges, groups.

mod class;
mod error;
mod escape;
mod flags;
mod repeat;
#[cfg(test)]
mod tests;
mod translator;

use regex::{Captures, Regex, RegexBuilder};

pub(crate) use error::PatternError;
use flags::Flags;
use translator::translate;

/// The most memory that a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 256 * 1024;

/// How deep the translated pattern may nest: each level of the pattern may become a group, an
/// alternative, a sequence, a repetition, and the group that is repeated.
const MAX_RUST_DEPTH: u32 = 6 * 100;

/// A pattern that has to match the whole text.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    /// The names of the capturing groups, from the first on; empty for a group without a name.
    names: Vec<String>,
}

impl Pattern {
    /// Reads a pattern of a matcher.
    ///
    /// # Errors
    /// Where Go's `regexp` refuses it, and where it takes too much memory.
    pub(crate) fn new(pattern: &str) -> Result<Self, PatternError> {
        let (translated, names) = translate(pattern, Flags::DOT_MATCHES_ALL)?;
        Self::compile(&format!(r"\A(?:{translated})\z"), names)
    }

    /// Reads a pattern as `label_replace` does: it puts the text into a group first, so `a)|(b` is
    /// valid there.
    pub(crate) fn wrapped(pattern: &str) -> Result<Self, PatternError> {
        let (translated, names) = translate(&format!("^(?s:{pattern})$"), Flags::default())?;
        Self::compile(&translated, names)
    }

    fn compile(pattern: &str, names: Vec<String>) -> Result<Self, PatternError> {
        let mut builder = RegexBuilder::new(pattern);
        builder
            .size_limit(MAX_PATTERN_BYTES)
            .nest_limit(MAX_RUST_DEPTH);
        let regex = builder.build().map_err(|error| {
            let reason = error.to_string().replace('\n', " ");
            PatternError(format!("expression too large: {reason}"))
        })?;
        Ok(Self { regex, names })
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Fills the template with what the groups have found; `None` if the text does not match. `$1`,
    /// `$name` and `${name}` are groups, `$$` is a dollar.
    pub(crate) fn expand(&self, text: &str, mut template: &str) -> Option<String> {
        let found = self.regex.captures(text)?;
        let mut expanded = String::new();
        while let Some((before, after)) = template.split_once('$') {
            expanded.push_str(before);
            template = after;
            if let Some(rest) = after.strip_prefix('$') {
                expanded.push('$');
                template = rest;
            } else if let Some((name, rest)) = group(after) {
                expanded.push_str(self.captured(&found, name));
                template = rest;
            } else {
                expanded.push('$');
            }
        }
        Some(expanded + template)
    }

    fn captured<'t>(&self, found: &Captures<'t>, name: &str) -> &'t str {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit())
            && (name == "0" || !name.starts_with('0'));
        let index = if is_number {
            name.parse().ok()
        } else {
            // Of several groups with one name, the first that matched.
            let mut named = (1..).zip(&self.names).filter(|(_, it)| *it == name);
            named
                .find(|(index, _)| found.get(*index).is_some())
                .map(|(index, _)| index)
        };
        index
            .and_then(|index| found.get(index))
            .map_or("", |it| it.as_str())
    }
}

/// The name of a group after a `$`, and what follows it.
fn group(text: &str) -> Option<(&str, &str)> {
    let (body, is_braced) = text
        .strip_prefix('{')
        .map_or((text, false), |it| (it, true));
    let end = body
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    let rest = if is_braced {
        rest.strip_prefix('}')?
    } else {
        rest
    };
    (!name.is_empty()).then_some((name, rest))
}
