//! What a trace must look like: a line for each span, below the line of its parent or ancestor.
//!
//! ```text
//! gateway server GetUser OK
//!   user client GetProfile OK tracewalk.attempts=2 event=retry
//!     no profile query profiles
//! ```

use std::fmt::{self, Display, Formatter};

use grpc_wire::code_named;

use super::claim::Claim;
use crate::trace::{Row, Span};

const SPAN: &str =
    "[no] SERVICE server|client|attempt|query|producer|send|consumer NAME [CODE] [×TIMES] [CLAIM]…";

/// One line: a span that must be there, or must not.
#[derive(Debug, PartialEq)]
pub(super) struct Expected {
    text: String,
    /// The column in which the line begins: a span further right is a descendant.
    pub(super) indent: usize,
    /// Whether there must be no such span.
    pub(super) absent: bool,
    service: String,
    kind: Kind,
    name: String,
    /// The allowed codes; empty if every code is.
    codes: Vec<String>,
    /// How many such spans there must be, neither more nor fewer; `None` for at least one.
    pub(super) times: Option<usize>,
    claims: Vec<Claim>,
}

/// The role of a span in a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Server,
    Client,
    /// One request on the wire of a call that may have more of them.
    Attempt,
    /// A query to the database.
    Query,
    /// An event that is made.
    Producer,
    /// A batch of events that is sent.
    Send,
    /// An event that is handled.
    Consumer,
}

impl Expected {
    /// Reads a line that comes after the lines `before`.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(line: &str, before: &[Self]) -> Result<Self, String> {
        let indent = line.len() - line.trim_start().len();
        if before.is_empty() && indent > 0 {
            return Err("nothing is above it: expected the first span without a space".to_owned());
        }
        let above = before.iter().rev().find(|it| it.indent < indent);
        if above.is_some_and(|above| above.absent) {
            return Err("nothing is below a span that is not there".to_owned());
        }
        let mut words = line.split_whitespace().peekable();
        let absent = words.next_if_eq(&"no").is_some();
        let mut word = || words.next().ok_or_else(|| format!("expected {SPAN}"));
        let (service, kind, name) = (word()?, word()?.parse()?, word()?);
        if !["gateway", "user", "profile"].contains(&service) {
            return Err(format!(
                "there is no `{service}`: expected one of gateway, user, profile"
            ));
        }
        let codes = words.next_if(|word| word.split('|').all(is_code));
        let codes = codes.into_iter().flat_map(|word| word.split('|'));
        let times = words.next_if(|word| word.starts_with('×'));
        let times = times.map(|word| times_of(word, absent)).transpose()?;
        Ok(Self {
            text: line.trim().to_owned(),
            indent,
            absent,
            service: service.to_owned(),
            kind,
            name: name.to_owned(),
            codes: codes.map(str::to_owned).collect(),
            times,
            claims: words.map(Claim::read).collect::<Result<_, _>>()?,
        })
    }

    /// Reads a line of `linked`, as [`read`](Self::read): one without a space begins the next trace.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read_linked(line: &str, before: &[Self]) -> Result<Self, String> {
        let read = Self::read(line, before)?;
        if read.indent == 0 && (read.absent || read.root().is_none()) {
            return Err("a trace with a link begins with `send` or `consumer`".to_owned());
        }
        Ok(read)
    }

    /// The service and the name of the span that a trace of events begins with.
    pub(super) fn root(&self) -> Option<(&str, String)> {
        let operation = match self.kind {
            Kind::Send => "send",
            Kind::Consumer => "process",
            _ => return None,
        };
        Some((&self.service, format!("{operation} {}", self.name)))
    }

    /// Whether the line is about this span, by its service, kind and name.
    pub(super) fn is_meant(&self, span: &Span) -> bool {
        let operation = span.operation.as_str();
        let is_attempt = operation.starts_with("Attempt ");
        let is_kind = match self.kind {
            Kind::Server => span.kind == "server",
            Kind::Client => span.kind == "client" && operation.contains('/'),
            Kind::Attempt => is_attempt,
            Kind::Query => span.kind == "client" && !operation.contains('/'),
            Kind::Producer => span.kind == "producer",
            Kind::Send => span.kind == "client" && operation.starts_with("send "),
            Kind::Consumer => span.kind == "consumer",
        };
        let name = operation.rsplit(['/', ' ']).next().unwrap_or_default();
        span.service == self.service && is_kind && name == self.name
    }

    /// How the span of the trace differs from the line.
    pub(super) fn differences(&self, row: &Row, trace_id: &str) -> Vec<String> {
        let span = &row.span;
        let has_code = self.codes.is_empty() || self.codes.contains(&span.status);
        let code = (!has_code).then(|| match span.status.as_str() {
            "" => "no status".to_owned(),
            code => code.to_owned(),
        });
        let claims = self.claims.iter();
        let claims = claims.filter_map(|claim| claim.differs(row, trace_id));
        code.into_iter().chain(claims).collect()
    }
}

impl Display for Expected {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:indent$}{}", "", self.text, indent = self.indent)
    }
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "server" => Ok(Self::Server),
            "client" => Ok(Self::Client),
            "attempt" => Ok(Self::Attempt),
            "query" => Ok(Self::Query),
            "producer" => Ok(Self::Producer),
            "send" => Ok(Self::Send),
            "consumer" => Ok(Self::Consumer),
            _ => Err(format!(
                "`{word}` is not a kind of span: expected server, client, attempt, query, producer, \
                 send or consumer"
            )),
        }
    }
}

/// Reads `×100`.
fn times_of(word: &str, absent: bool) -> Result<usize, String> {
    let number = word.trim_start_matches('×').parse().ok();
    let number = number.filter(|number| *number > 0 && !absent);
    number.ok_or_else(|| format!("`{word}` is not a number of spans: expected ×5"))
}

/// Whether it is the name of a status code, as `NOT_FOUND`.
pub(super) fn is_code(word: &str) -> bool {
    code_named(word).is_some()
}
