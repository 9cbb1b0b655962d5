//! Reads a pattern from left to right, and writes it anew in Rust's syntax.

use super::{
    class::{Class, PERL, unicode},
    error::PatternError,
    escape::character,
    flags::{self, Flags},
    repeat::{Count, MAX_REPEATS, counted, too_often},
};

/// How deep groups may nest.
const MAX_DEPTH: usize = 100;

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

/// A group that is open.
#[derive(Debug)]
struct Open {
    /// Where it begins in `written`.
    begin: usize,
    /// The flags around it.
    flags: Flags,
    /// The most repetitions of its parts, one inside the other.
    repeats: u32,
}

/// A part of a pattern: a character, a set, a group.
#[derive(Clone, Copy, Debug)]
struct Part {
    begin: usize,
    /// How often its smallest part may come: repetitions inside each other are multiplied.
    repeats: u32,
}

impl<'a> Translator<'a> {
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

    fn open(&mut self, name: Option<String>, flags: Flags) -> Result<(), PatternError> {
        if self.open.len() == MAX_DEPTH {
            return Err(PatternError::new("expression nests too deeply", self.whole));
        }
        let begin = self.written.len();
        self.open.push(Open {
            begin,
            flags: self.flags,
            repeats: 1,
        });
        self.written
            .push_str(if name.is_some() { "(" } else { "(?:" });
        self.names.extend(name);
        self.flags = flags;
        self.last = None;
        Ok(())
    }

    fn close(&mut self) -> Result<(), PatternError> {
        let Some(Open {
            begin,
            flags,
            repeats,
        }) = self.open.pop()
        else {
            return Err(PatternError::new("unexpected )", self.whole));
        };
        self.rest = &self.rest[1..];
        self.written.push(')');
        self.flags = flags;
        self.last = Some(Part { begin, repeats });
        self.nest(repeats);
        Ok(())
    }

    /// Notes in the group around how often a part of it may be repeated.
    fn nest(&mut self, repeats: u32) {
        if let Some(around) = self.open.last_mut() {
            around.repeats = around.repeats.max(repeats);
        }
    }

    fn special_group(&mut self) -> Result<(), PatternError> {
        match flags::group(self.rest, self.flags)? {
            (flags::Group::Named(name), after) => {
                self.rest = after;
                self.open(Some(name.to_owned()), self.flags)
            }
            (flags::Group::Plain(flags), after) => {
                self.rest = after;
                self.open(None, flags)
            }
            (flags::Group::FromHereOn(flags), after) => {
                self.rest = after;
                self.flags = flags;
                Ok(())
            }
        }
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

    /// Repeats the last part; `before` is a repetition that stands right before this one.
    fn repeat(
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
