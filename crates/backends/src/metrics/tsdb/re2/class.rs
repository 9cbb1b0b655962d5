//! Sets of characters: `[a-z]`, `\d`, `[[:alpha:]]`, `\p{Greek}`.

use std::fmt::Write as _;

use super::{
    error::PatternError,
    escape,
    flags::{Flags, NOTHING},
};

/// The characters that a letter after a backslash stands for; a capital letter stands for all
/// other characters. Only ASCII.
pub(super) const PERL: [(char, &str); 3] =
    [('d', "0-9"), ('s', r"\t\n\f\r\x20"), ('w', "0-9A-Z_a-z")];

/// What stands in `[:…:]`.
const POSIX: [(&str, &str); 14] = [
    ("alnum", "0-9A-Za-z"),
    ("alpha", "A-Za-z"),
    ("ascii", r"\x00-\x7F"),
    ("blank", r"\t\x20"),
    ("cntrl", r"\x00-\x1F\x7F"),
    ("digit", "0-9"),
    ("graph", r"\x21-\x7E"),
    ("lower", "a-z"),
    ("print", r"\x20-\x7E"),
    ("punct", r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E"),
    ("space", r"\t-\r\x20"),
    ("upper", "A-Z"),
    ("word", "0-9A-Z_a-z"),
    ("xdigit", "0-9A-Fa-f"),
];

/// A set of characters, written as the inside of a set in Rust's syntax.
#[derive(Debug, Default)]
pub(super) struct Class {
    items: String,
    negated: bool,
    /// How many properties of Unicode are in it.
    pub(super) properties: usize,
}

impl Class {
    /// Reads from `[` up to and with `]`.
    pub(super) fn read(rest: &mut &str) -> Result<Self, PatternError> {
        let whole = *rest;
        let mut text = &whole[1..];
        let mut class = Self::default();
        if let Some(after) = text.strip_prefix('^') {
            (class.negated, text) = (true, after);
        }
        let mut is_first = true;
        while is_first || !text.starts_with(']') {
            is_first = false;
            if !class.named(&mut text)? {
                class.range(&mut text, whole)?;
            }
        }
        *rest = &text[1..];
        Ok(class)
    }

    /// As a part of a pattern.
    pub(super) fn written(&self, flags: Flags) -> String {
        let class = match (self.items.is_empty(), self.negated) {
            (true, false) => NOTHING.to_owned(),
            (true, true) => "(?s:.)".to_owned(),
            (false, true) => format!("[^{}]", self.items),
            (false, false) => format!("[{}]", self.items),
        };
        if flags.folds_case {
            format!("(?i:{class})")
        } else {
            class
        }
    }

    /// Reads a set that has a name; `false` if there is none.
    fn named(&mut self, text: &mut &str) -> Result<bool, PatternError> {
        if let Some((name, after)) = text
            .strip_prefix("[:")
            .and_then(|inside| inside.split_once(":]"))
        {
            let part = &text[..text.len() - after.len()];
            let (name, is_negated) = name
                .strip_prefix('^')
                .map_or((name, false), |it| (it, true));
            let known = POSIX.iter().find(|(it, _)| *it == name);
            let (_, ranges) =
                known.ok_or_else(|| PatternError::new("invalid character class range", part))?;
            self.set(ranges, is_negated);
            *text = after;
            return Ok(true);
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some('\\'), Some('p' | 'P')) => self.unicode(&unicode(text)?),
            (Some('\\'), Some(letter)) if self.perl(letter) => *text = chars.as_str(),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Adds the characters of `\d` and its like; `false` if the letter is none of them.
    pub(super) fn perl(&mut self, letter: char) -> bool {
        let known = PERL.iter().find(|(it, _)| it.eq_ignore_ascii_case(&letter));
        if let Some((_, ranges)) = known {
            self.set(ranges, letter.is_ascii_uppercase());
        }
        known.is_some()
    }

    /// Adds what [`unicode`] has read.
    pub(super) fn unicode(&mut self, set: &str) {
        self.items.push_str(set);
        self.properties += 1;
    }

    fn set(&mut self, ranges: &str, is_negated: bool) {
        let not = if is_negated { "^" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(self.items, "[{not}{ranges}]");
    }

    /// A character, or all from one to another.
    fn range(&mut self, text: &mut &str, whole: &str) -> Result<(), PatternError> {
        let begin = *text;
        let first = character(text, whole)?;
        let mut last = first;
        if let Some(after) = text
            .strip_prefix('-')
            .filter(|it| !it.is_empty() && !it.starts_with(']'))
        {
            *text = after;
            last = character(text, whole)?;
        }
        if last < first {
            let part = &begin[..begin.len() - text.len()];
            return Err(PatternError::new("invalid character class range", part));
        }
        // Surrogates are left out: UTF-8 does not have them.
        for (from, to) in [(first, last.min(0xD7FF)), (first.max(0xE000), last)] {
            if from <= to {
                let _ = write!(self.items, "\\x{{{from:X}}}-\\x{{{to:X}}}");
            }
        }
        Ok(())
    }
}

fn character(text: &mut &str, whole: &str) -> Result<u32, PatternError> {
    if text.starts_with('\\') {
        return escape::character(text);
    }
    let mut chars = text.chars();
    let missing = || PatternError::new("missing closing ]", whole);
    let c = chars.next().ok_or_else(missing)?;
    *text = chars.as_str();
    Ok(c.into())
}

/// Reads `\pN`, `\p{Greek}`, `\P{Greek}` or `\p{^Greek}`, and writes the set in Rust's syntax.
pub(super) fn unicode(text: &mut &str) -> Result<String, PatternError> {
    let begin = *text;
    let is_negated = begin.starts_with(r"\P");
    let inside = &begin[2..];
    let bad = |part: &str| PatternError::new("invalid character class range", part);
    let (name, after) = if let Some(braced) = inside.strip_prefix('{') {
        braced.split_once('}').ok_or_else(|| bad(begin))?
    } else {
        let length = inside.chars().next().map_or(0, char::len_utf8);
        inside.split_at(length)
    };
    let part = &begin[..begin.len() - after.len()];
    let (name, is_inverted) = name
        .strip_prefix('^')
        .map_or((name, false), |it| (it, true));
    let is_word = |c: char| c.is_ascii_alphanumeric() || " _-".contains(c);
    if name.is_empty() || !name.chars().all(is_word) {
        return Err(bad(part));
    }
    let letter = if is_negated == is_inverted { 'p' } else { 'P' };
    *text = after;
    // A general category or a script: Go knows no other properties.
    let kinds = match name.to_ascii_lowercase().as_str() {
        "any" | "assigned" | "ascii" => ["", ""],
        _ => ["gc=", "sc="],
    };
    let forms = kinds.map(|kind| format!("\\{letter}{{{kind}{name}}}"));
    let known = forms.into_iter().find(|form| is_known(form));
    known.ok_or_else(|| bad(part))
}

/// Whether Rust knows the property. The size limit of 0 stops before anything is compiled.
fn is_known(form: &str) -> bool {
    let compiled = regex::RegexBuilder::new(form).size_limit(0).build();
    !matches!(compiled, Err(regex::Error::Syntax(_)))
}
