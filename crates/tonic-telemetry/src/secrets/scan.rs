use std::borrow::Cow;

use super::{HIDDEN, shapes};

/// The names of credentials, without `-`, `_`, `.` and any prefix.
const NAMES: [&str; 15] = [
    "accesskey",
    "apikey",
    "authentication",
    "credential",
    "credentials",
    "email",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "sessionid",
    "token",
];

const SHORTEST_NAME: usize = 3;

/// The schemes of `Authorization` that are followed by a secret.
pub(super) const SCHEMES: [&str; 6] = ["bearer", "basic", "dpop", "negotiate", "ntlm", "ssws"];

/// An `@`, plain and as it is written in URLs, in JSON, in HTML and in full width.
const AT: [&str; 7] = ["@", "%40", "%2540", "\\u0040", "&#64;", "＠", "﹫"];

/// The text without its secrets.
///
/// Reads it word by word, once and without a copy of what is in it: a set of regular expressions took
/// a hundred times as long, and six megabytes.
pub(super) fn replace(text: &str) -> Cow<'_, str> {
    let mut scan = Scan {
        out: String::with_capacity(text.len()),
        rest: text,
        due: Due::Nothing,
    };
    while !scan.rest.is_empty() {
        scan.gap();
        scan.word();
    }
    if scan.out == text {
        return Cow::Borrowed(text);
    }
    Cow::Owned(scan.out)
}

/// What the words before the next word say of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Due {
    Nothing,
    /// The next text is a secret if it begins with `=` or `:`.
    Named(Extent),
    /// The next word is a secret.
    Secret(Extent),
    /// The next word is a secret if there is a space before it.
    AfterSpace,
}

/// Where a secret without quotes ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extent {
    Word,
    /// The value of a header ends with its line.
    Line,
}

struct Scan<'a> {
    out: String,
    rest: &'a str,
    due: Due,
}

impl<'a> Scan<'a> {
    /// Copies what stands between two words; a secret between quotes begins here.
    fn gap(&mut self) {
        let end = self.rest.find(|letter| !ends_word(letter));
        let gap = &self.rest[..end.unwrap_or(self.rest.len())];
        if let Due::Secret(_) = self.due
            && let Some(quote) = gap.find(['"', '\''])
            && !gap[..quote].contains(['\n', '\r'])
        {
            let (before, quoted) = self.rest.split_at(quote + 1);
            self.out.push_str(before);
            self.hide(quoted, quoted_length(quoted, &self.out));
            return;
        }
        let is_hidden = gap.ends_with('[') && self.rest[gap.len() - 1..].starts_with(HIDDEN);
        let spaced = gap.contains([' ', '\t']);
        let broken = gap.contains(['\n', '\r']);
        self.due = match self.due {
            Due::AfterSpace if spaced && !broken => Due::Secret(Extent::Word),
            Due::AfterSpace => Due::Nothing,
            _ if broken || is_hidden => Due::Nothing,
            due => due,
        };
        let length = gap.len() + if is_hidden { HIDDEN.len() - 1 } else { 0 };
        self.copy(length);
    }

    fn word(&mut self) {
        if self.rest.starts_with("-----BEGIN ") {
            self.hide(self.rest, shapes::pem_length(self.rest));
            return;
        }
        let word = &self.rest[..word_length(self.rest)];
        match self.due {
            _ if word.is_empty() => {}
            Due::Secret(Extent::Line) => {
                let end = self.rest.find(['\n', '\r', '"']);
                self.hide(self.rest, end.unwrap_or(self.rest.len()));
            }
            Due::Secret(_) if word.bytes().all(|byte| b":=\\".contains(&byte)) => {
                self.copy(word.len());
            }
            Due::Secret(_) => self.hide(self.rest, word.len()),
            Due::Named(extent) if word.starts_with([':', '=']) => {
                let value = word.trim_start_matches([':', '=', '\\']);
                self.copy(word.len() - value.len());
                self.due = Due::Secret(extent);
            }
            _ => self.plain(word),
        }
    }

    /// Reads a word of which the words before it say nothing.
    fn plain(&mut self, word: &'a str) {
        if let Some(length) = self.address_length(word) {
            self.hide(self.rest, length);
            return;
        }
        self.due = Due::Nothing;
        let mut parts = word.split_inclusive(['?', '&']);
        self.part(parts.next().unwrap_or_default());
        for part in parts {
            match part.find('=') {
                // A value in the query of a URL.
                Some(place) if place + 1 < part.len() => {
                    let end = part.find(['#', '&', '?']).unwrap_or(part.len());
                    self.copy(place + 1);
                    self.hide(self.rest, end.saturating_sub(place + 1));
                    let tail = &part[end.max(place + 1)..];
                    self.copy(tail.len());
                    self.due = due_after(part.trim_end_matches(['?', '&']));
                }
                _ => self.part(part),
            }
        }
    }

    /// A part of a word: `name=value`, `scheme:value`, or something with a shape.
    fn part(&mut self, part: &'a str) {
        if !part.contains([':', '=', '%', '+']) {
            return self.shape(part);
        }
        let separators = part.match_indices([':', '=']).map(|(place, _)| (place, 1));
        let encoded = part.match_indices("%3").filter_map(|(place, _)| {
            let letter = part.as_bytes().get(place + 2)?;
            b"aAdD".contains(letter).then_some((place, 3))
        });
        let mut places: Vec<_> = separators.chain(encoded).collect();
        places.sort_unstable();
        for (place, length) in places {
            let Due::Named(extent) = due_after(&part[..place]) else {
                continue;
            };
            let value = part[place + length..].trim_start_matches(['=', ':', '\\']);
            self.copy(part.len() - value.len());
            self.due = Due::Secret(extent);
            let end = value.find(['&', '?']).unwrap_or(value.len());
            if end > 0 && extent == Extent::Word {
                self.hide(self.rest, end);
                self.copy(value.len() - end);
            } else if end > 0 {
                self.word();
            }
            return;
        }
        let length = scheme_length(part);
        if length > 0 {
            self.copy(length);
            self.hide(self.rest, part.len() - length);
            return;
        }
        self.shape(part);
    }

    /// A part of a word that names nothing.
    fn shape(&mut self, part: &str) {
        shapes::replace(part, &mut self.out);
        self.rest = &self.rest[part.len()..];
        self.due = due_after(part);
    }

    /// How long an address is that begins with this word; `None` where it is none.
    fn address_length(&mut self, word: &str) -> Option<usize> {
        let may_be = |byte: u8| b"@%\\&".contains(&byte) || !byte.is_ascii();
        if !word.bytes().any(may_be) {
            return None;
        }
        let (place, at) = AT
            .iter()
            .filter_map(|at| Some((word.find(at)?, *at)))
            .min()?;
        let domain = word[place + at.len()..].trim_start_matches(at);
        if domain.is_empty() {
            // An address of a host: `ada@[127.0.0.1]`.
            let literal = self.rest[word.len()..].strip_prefix('[')?;
            return (place > 0)
                .then(|| word.len() + 1 + literal.find(']').map_or(0, |end| end + 1));
        }
        if place > 0 {
            return Some(word.len());
        }
        // `"ada lovelace"@example.org`: the local part was copied already.
        let quoted = self.out.strip_suffix('"')?;
        let start = quoted.rfind('"').unwrap_or(0);
        self.out.truncate(start);
        Some(word.len())
    }

    fn copy(&mut self, length: usize) {
        let (copied, rest) = self.rest.split_at(length);
        self.out.push_str(copied);
        self.rest = rest;
    }

    /// Writes [`HIDDEN`] in place of the beginning of `text`, and goes on behind it.
    fn hide(&mut self, text: &'a str, length: usize) {
        let (secret, rest) = text.split_at(length);
        if !secret.is_empty() {
            self.out.push_str(HIDDEN);
        }
        self.due = due_after(secret);
        self.rest = rest;
    }
}

fn ends_word(letter: char) -> bool {
    let is_mark = matches!(
        letter,
        '"' | '\'' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '|' | '`'
    );
    is_mark || letter.is_whitespace()
}

/// Up to what ends a word; an apostrophe between two letters does not.
fn word_length(text: &str) -> usize {
    let mut before = ' ';
    let mut letters = text.char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        let after = letters.peek().map_or(' ', |(_, letter)| *letter);
        let inside = letter == '\'' && before.is_alphanumeric() && after.is_alphanumeric();
        if ends_word(letter) && !inside {
            return place;
        }
        before = letter;
    }
    text.len()
}

/// Up to the closing quote; one that was opened as `\"` is closed so.
fn quoted_length(quoted: &str, before: &str) -> usize {
    let mut opening = before.chars().rev();
    let quote = opening.next().unwrap_or('"');
    let is_nested = opening.next() == Some('\\');
    let mut is_escaped = false;
    for (place, letter) in quoted.char_indices() {
        if letter == quote && is_escaped == is_nested {
            return place - usize::from(is_nested);
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    quoted.len()
}

/// What the end of a text says of the word behind it.
fn due_after(text: &str) -> Due {
    let text = text.trim_end_matches(['\\', '%', ':', '=', '?', '&', '/']);
    let ends = |letter: char| matches!(letter, ':' | '=' | '?' | '&' | '/') || ends_word(letter);
    let last = text.rsplit(ends).next().unwrap_or_default();
    if last.len() < SHORTEST_NAME {
        return Due::Nothing;
    }
    let any = |names: &[&str]| names.iter().any(|name| is_called(last, name));
    if any(&["authorization", "cookie"]) {
        Due::Named(Extent::Line)
    } else if any(&NAMES) {
        // A flag of a command line has no `=` or `:` behind it.
        let is_flag = last.starts_with('-');
        if is_flag {
            Due::AfterSpace
        } else {
            Due::Named(Extent::Word)
        }
    } else if SCHEMES
        .iter()
        .any(|scheme| last.eq_ignore_ascii_case(scheme))
    {
        Due::AfterSpace
    } else {
        Due::Nothing
    }
}

/// Whether a word ends with a name, in any spelling: `X-Api_Key`.
fn is_called(word: &str, name: &str) -> bool {
    let mut letters = word.bytes().rev().filter(u8::is_ascii_alphanumeric);
    let mut name = name.bytes().rev();
    name.all(|byte| {
        letters
            .next()
            .is_some_and(|letter| letter.to_ascii_lowercase() == byte)
    })
}

/// How much of `Bearer%20abc`, `bearer:abc` or `Bearer+abc` is no secret; zero where all is.
fn scheme_length(part: &str) -> usize {
    let lengths = SCHEMES.iter().filter_map(|scheme| {
        let head = part.get(..scheme.len())?;
        let tail = &part[scheme.len()..];
        let value = tail
            .strip_prefix("%20")
            .or_else(|| tail.strip_prefix([':', '=', '+']))?;
        (head.eq_ignore_ascii_case(scheme) && !value.is_empty()).then(|| part.len() - value.len())
    });
    lengths.max().unwrap_or(0)
}
