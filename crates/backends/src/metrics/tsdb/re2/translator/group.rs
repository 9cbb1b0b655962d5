//! Groups: what is between brackets.

use super::{Part, Translator};
use crate::metrics::tsdb::re2::{
    error::PatternError,
    flags::{self, Flags},
};

/// How deep groups may nest.
const MAX_DEPTH: usize = 100;

/// A group that is open.
#[derive(Debug)]
pub(super) struct Open {
    /// Where it begins in `written`.
    begin: usize,
    /// The flags around it.
    flags: Flags,
    /// The most repetitions of its parts, one inside the other.
    repeats: u32,
}

impl Translator<'_> {
    pub(super) fn open(&mut self, name: Option<String>, flags: Flags) -> Result<(), PatternError> {
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

    pub(super) fn close(&mut self) -> Result<(), PatternError> {
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
    pub(super) fn nest(&mut self, repeats: u32) {
        if let Some(around) = self.open.last_mut() {
            around.repeats = around.repeats.max(repeats);
        }
    }

    pub(super) fn special_group(&mut self) -> Result<(), PatternError> {
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
