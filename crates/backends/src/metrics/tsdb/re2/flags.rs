//! What the letters of `(?imsU)` say.

use super::error::PatternError;

/// How the rest of a group is read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a letter of the syntax"
)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    /// `i`: letters match in capitals or not.
    pub(super) folds_case: bool,
    /// `m`: `^` and `$` match at each line.
    multi_line: bool,
    /// `s`: `.` matches a line break.
    dot_matches_all: bool,
    /// `U`: repetitions take as little as they can; with `?` after them, as much as they can.
    pub(super) lazy: bool,
}

/// What begins with `(?`.
#[derive(Debug)]
pub(super) enum Group<'a> {
    /// `(?P<name>` or `(?<name>`
    Named(&'a str),
    /// `(?i:`
    Plain(Flags),
    /// `(?i)`
    FromHereOn(Flags),
}

impl Flags {
    pub(super) const DOT_MATCHES_ALL: Self = Self {
        folds_case: false,
        multi_line: false,
        dot_matches_all: true,
        lazy: false,
    };

    /// What `^`, `$` and `.` are.
    pub(super) fn symbol(self, symbol: char) -> &'static str {
        match (symbol, self.multi_line) {
            ('^', false) => r"(?:\A)",
            ('^', true) => "(?m:^)",
            ('$', false) => r"(?:\z)",
            ('$', true) => "(?m:$)",
            _ if self.dot_matches_all => "(?s:.)",
            _ => r"[^\n]",
        }
    }

    /// A character as a part of a pattern; half of a surrogate pair is in no text.
    pub(super) fn literal(self, c: Option<char>) -> String {
        match c {
            None => NOTHING.to_owned(),
            Some(c) if self.folds_case => format!("(?i:\\x{{{:X}}})", u32::from(c)),
            Some(c) if c.is_ascii_alphanumeric() || !c.is_ascii() => c.to_string(),
            Some(c) => format!("\\x{{{:X}}}", u32::from(c)),
        }
    }
}

/// A set that matches no character.
pub(super) const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// Reads what begins with `(?`, and says what follows it.
pub(super) fn group(text: &str, flags: Flags) -> Result<(Group<'_>, &str), PatternError> {
    if let Some(named) = text.strip_prefix("(?P<").or(text.strip_prefix("(?<")) {
        let (name, after) = named
            .split_once('>')
            .ok_or_else(|| PatternError::new("invalid named capture", text))?;
        let is_good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_good) {
            let part = &text[..text.len() - after.len()];
            return Err(PatternError::new("invalid named capture", part));
        }
        return Ok((Group::Named(name), after));
    }
    let bad = |end: usize| PatternError::new("invalid or unsupported Perl syntax", &text[..end]);
    let mut changed = flags;
    // After `-`, letters clear flags, and at least one letter has to follow.
    let (mut sets, mut needs_letter) = (true, false);
    for (at, c) in text.char_indices().skip(2) {
        let after = at + c.len_utf8();
        let flag = match c {
            'i' => &mut changed.folds_case,
            'm' => &mut changed.multi_line,
            's' => &mut changed.dot_matches_all,
            'U' => &mut changed.lazy,
            '-' if sets => {
                (sets, needs_letter) = (false, true);
                continue;
            }
            ':' if !needs_letter => return Ok((Group::Plain(changed), &text[after..])),
            ')' if !needs_letter => return Ok((Group::FromHereOn(changed), &text[after..])),
            _ => return Err(bad(after)),
        };
        *flag = sets;
        needs_letter = false;
    }
    Err(bad(text.len()))
}
