//! Reads a pattern from left to right, and writes it anew in Rust's syntax.

mod group;
mod repetition;

use super::{
    class::{Class, PERL, unicode},
    error::PatternError,
    escape::character,
    flags::Flags,
    repeat::{Count, counted},
};
use group::Open;

/// The most properties of Unicode: each is a set of up to 700 ranges.
const MAX_PROPERTIES: usize = 100;

/// A pattern in Rust's syntax, and the names of its groups.
pub(super) fn translate(
    pattern: &str,
    flags: Flags,
) -> Result<(String, Vec<String>), PatternError> {
    let mut translator = Translator {
        whole: pattern,
        rest: pattern,
        flags,
        ..Translator::default()
    };
    while !translator.rest.is_empty() {
        translator.step()?;
    }
    if !translator.open.is_empty() {
        return Err(PatternError::new("missing closing )", pattern));
    }
    Ok((translator.written, translator.names))
}

/// What has been read and written so far.
#[derive(Debug, Default)]
struct Translator<'a> {
    whole: &'a str,
    rest: &'a str,
    written: String,
    flags: Flags,
    names: Vec<String>,
    /// The groups that are open.
    open: Vec<Open>,
    /// What a repetition would repeat.
    last: Option<Part>,
    /// How many properties of Unicode there have been.
    properties: usize,
    /// The text of the repetition just before, which no other may follow.
    repetition: Option<&'a str>,
}

/// A part of a pattern: a character, a set, a group.
#[derive(Clone, Copy, Debug)]
struct Part {
    begin: usize,
    /// How often its smallest part may come: repetitions inside each other are multiplied.
    repeats: u32,
}

impl Translator<'_> {
    fn step(&mut self) -> Result<(), PatternError> {
        let before = self.repetition.take();
        let first = self.rest.chars().next().unwrap_or_default();
        match first {
            '(' if self.rest.starts_with("(?") => self.special_group()?,
            '(' => {
                self.rest = &self.rest[1..];
                self.open(Some(String::new()), self.flags)?;
            }
            ')' => self.close()?,
            '|' => {
                self.rest = &self.rest[1..];
                self.written.push('|');
                self.last = None;
            }
            '^' | '$' | '.' => {
                self.rest = &self.rest[1..];
                self.push(self.flags.symbol(first));
            }
            '[' => {
                let class = Class::read(&mut self.rest)?;
                self.class(&class)?;
            }
            '*' | '+' | '?' => {
                let after = &self.rest[1..];
                self.repeat(&Count::of(first), after, before)?;
            }
            '{' => match counted(self.rest) {
                Some((count, after)) => self.repeat(&count?, after, before)?,
                None => self.literal('{'),
            },
            '\\' => self.escaped()?,
            _ => self.literal(first),
        }
        Ok(())
    }

    /// Takes a character as it is.
    fn literal(&mut self, c: char) {
        self.rest = &self.rest[c.len_utf8()..];
        self.push(&self.flags.literal(Some(c)));
    }

    fn class(&mut self, class: &Class) -> Result<(), PatternError> {
        self.properties += class.properties;
        if self.properties > MAX_PROPERTIES {
            return Err(PatternError::new("expression too large", self.whole));
        }
        self.push(&class.written(self.flags));
        Ok(())
    }

    /// Writes a part that a repetition after it would repeat as a whole.
    fn push(&mut self, part: &str) {
        let begin = self.written.len();
        self.written.push_str(part);
        self.last = Some(Part { begin, repeats: 1 });
        self.nest(1);
    }

    fn escaped(&mut self) -> Result<(), PatternError> {
        let symbol = self.rest[1..].chars().next();
        let assertion = match symbol {
            Some('A') => Some(r"(?:\A)"),
            Some('z') => Some(r"(?:\z)"),
            Some('b') => Some(r"(?-u:\b)"),
            Some('B') => Some(r"(?-u:\B)"),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.rest = &self.rest[2..];
            self.push(assertion);
            return Ok(());
        }
        match symbol {
            Some('C') => Err(PatternError::new("invalid escape sequence", r"\C")),
            Some('Q') => {
                self.quoted();
                Ok(())
            }
            Some(letter) if PERL.iter().any(|(it, _)| it.eq_ignore_ascii_case(&letter)) => {
                let mut class = Class::default();
                class.perl(letter);
                self.rest = &self.rest[2..];
                self.class(&class)
            }
            Some('p' | 'P') => {
                let mut class = Class::default();
                class.unicode(&unicode(&mut self.rest)?);
                self.class(&class)
            }
            _ => {
                let c = character(&mut self.rest)?;
                self.push(&self.flags.literal(char::from_u32(c)));
                Ok(())
            }
        }
    }

    /// `\Q…\E`: all characters between stand for themselves.
    fn quoted(&mut self) {
        let quoted = &self.rest[2..];
        let (quoted, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
        for c in quoted.chars() {
            self.push(&self.flags.literal(Some(c)));
        }
        self.rest = after;
    }
}
