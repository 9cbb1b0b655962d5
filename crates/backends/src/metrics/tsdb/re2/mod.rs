//! Patterns in [RE2's syntax](https://github.com/google/re2/wiki/Syntax), as Go reads it and
//! Prometheus uses it: `.` matches a line break too, and the whole text has to match.
//!
//! Rust's `regex` searches as RE2 does, in linear time, but reads another syntax: `{id}` is refused,
//! and `\d`, `\w`, `\s` and `\b` know all of Unicode. So a pattern is read here, and written anew in
//! what both understand: single characters, sets of ranges, groups.

mod class;
mod escape;
mod flags;
mod repeat;
#[cfg(test)]
mod tests;

use regex::{Captures, Regex, RegexBuilder};

use class::Class;
use flags::Flags;

/// The most memory that a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 256 * 1024;

/// How deep groups may nest.
const MAX_DEPTH: usize = 100;

/// The same in what is written: each of ours may be a group, an alternative, a sequence, a repetition,
/// and the group that is repeated.
const MAX_RUST_DEPTH: u32 = 6 * 100;

/// The most properties of Unicode: each is a set of up to 700 ranges.
const MAX_PROPERTIES: usize = 100;

/// Why a text is no pattern, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {0}")]
pub(crate) struct PatternError(String);

impl PatternError {
    fn new(reason: &str, part: &str) -> Self {
        Self(format!("{reason}: `{part}`"))
    }
}

/// A pattern that has to match the whole text.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    /// Of each group that captures, from the first on; empty where it has none.
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

    /// Reads a pattern as `label_replace` does, which puts it between others: `a)|(b` is one there.
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

    /// The template with what the groups have found, or `None` if the text does not match: `$1`,
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
            // Of several with one name, the first that took part.
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

/// A pattern in Rust's syntax, and the names of its groups.
fn translate(pattern: &str, flags: Flags) -> Result<(String, Vec<String>), PatternError> {
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
    /// Where it begins in what is written.
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
                self.repeat(&repeat::Count::of(first), after, before)?;
            }
            '{' => match repeat::counted(self.rest) {
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

    /// Writes a part that is whole in itself.
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

    /// Says to the group around that something in it comes so often.
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
}
