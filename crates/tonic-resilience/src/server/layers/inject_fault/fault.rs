use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
    time::Duration,
};

use grpc_wire::{code_name, code_named};
use tonic::Code;

/// The faults of the hops of a call, with `&` between them; `hidden&` before them leaves out of spans, logs
/// and messages that they were asked for.
///
/// ```
/// use tonic_resilience::server::layers::inject_fault::Faults;
///
/// let faults: Faults = "profile/GetProfile:delay=800ms&user:hang".parse()?;
/// assert_eq!(faults.iter().count(), 2);
/// assert_eq!(faults.to_string(), "profile/GetProfile:delay=800ms&user:hang");
/// assert_eq!(faults.hidden().to_string(), "hidden&profile/GetProfile:delay=800ms&user:hang");
/// # Ok::<_, tonic_resilience::server::layers::inject_fault::ParseFaultError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    faults: Vec<Fault>,
    hidden: bool,
}

/// What faults begin with that are hidden.
const HIDDEN: &str = "hidden&";

/// One fault, in one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The service, as the logs and traces name it: `profile`.
    pub service: String,
    /// The method without its service, as `GetProfile`; `None` is all methods.
    pub method: Option<String>,
    /// What goes wrong.
    pub kind: Kind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It waits before the handler.
    Delay(Duration),
    /// It fails with this code.
    Error(Code),
    /// So many attempts of a call fail.
    FailFirst(u32),
    /// It fails with this probability.
    ErrorRate(f64),
    /// It is never answered.
    Hang,
    /// The handler panics.
    Panic,
    /// The handler runs without its trace: the next hop begins another one.
    DropContext,
}

/// Whether this baggage asks for hidden faults, as `shop.fault=hidden&user:hang` does: nothing that writes
/// baggage down may name them.
#[must_use]
pub fn asks_for_hidden(baggage: &str) -> bool {
    baggage.contains(&format!(".fault={HIDDEN}"))
}

impl Faults {
    /// The faults, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }

    /// The same faults, for somebody who is to find them: what they do looks like a failure of the service.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self {
            hidden: true,
            ..self
        }
    }

    /// Whether neither spans, logs nor messages may name them.
    #[must_use]
    pub fn are_hidden(&self) -> bool {
        self.hidden
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        Self {
            faults: faults.into_iter().collect(),
            hidden: false,
        }
    }
}

impl Fault {
    /// Whether the fault is for this method of this service.
    pub(super) fn is_for(&self, service: &str, method: &str) -> bool {
        let is_for_method = self.method.as_deref().is_none_or(|it| it == method);
        self.service == service && is_for_method
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.hidden {
            f.write_str(HIDDEN)?;
        }
        for (number, fault) in self.iter().enumerate() {
            let between = if number == 0 { "" } else { "&" };
            write!(f, "{between}{fault}")?;
        }
        Ok(())
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.service)?;
        if let Some(method) = &self.method {
            write!(f, "/{method}")?;
        }
        write!(f, ":{}", self.kind)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(time) => {
                let time = humantime::format_duration(*time).to_string();
                write!(f, "delay={}", time.replace(' ', ""))
            }
            Self::Error(code) => write!(f, "error={}", code_name(*code)),
            Self::FailFirst(count) => write!(f, "fail_first={count}"),
            Self::ErrorRate(share) => write!(f, "error_rate={share}"),
            Self::Hang => f.write_str("hang"),
            Self::Panic => f.write_str("panic"),
            Self::DropContext => f.write_str("drop_context"),
        }
    }
}

/// Not a valid fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid fault: expected {expected}")]
pub struct ParseFaultError {
    text: String,
    expected: &'static str,
}

/// Most characters of a text that are quoted: the error is sent in a header.
const QUOTED: usize = 80;

const FAULT: &str = "SERVICE[/METHOD]:KIND[=VALUE], as `profile:delay=800ms`";
const KIND: &str = "delay=TIME, error=CODE, fail_first=N, error_rate=SHARE, hang, panic or \
                    drop_context after the `:`";
const TIME: &str = "a time after delay=, as `800ms` or `2s`";
const CODE: &str = "the name of a failure after error=, as `UNAVAILABLE`";
const COUNT: &str = "a number of attempts after fail_first=, as `2`";
const SHARE: &str = "a share from 0 to 1 after error_rate=, as `0.5`";

impl FromStr for Faults {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let (hidden, faults) = match text.strip_prefix(HIDDEN) {
            Some(faults) => (true, faults),
            None => (false, text),
        };
        let faults = faults.split('&').map(str::parse);
        Ok(Self {
            faults: faults.collect::<Result<_, _>>()?,
            hidden,
        })
    }
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let refuse = |expected| ParseFaultError {
            text: quote(text),
            expected,
        };
        let (place, kind) = text.split_once(':').ok_or_else(|| refuse(FAULT))?;
        let (service, method) = match place.split_once('/') {
            Some((service, method)) => (service, Some(method)),
            None => (place, None),
        };
        if service.is_empty() || method.is_some_and(str::is_empty) {
            return Err(refuse(FAULT));
        }
        Ok(Self {
            service: service.to_owned(),
            method: method.map(str::to_owned),
            kind: kind.parse().map_err(refuse)?,
        })
    }
}

impl FromStr for Kind {
    /// What was expected.
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (kind, value) = match text.split_once('=') {
            Some((kind, value)) => (kind, Some(value)),
            None => (text, None),
        };
        match (kind, value) {
            ("delay", Some(time)) => humantime::parse_duration(time)
                .map(Self::Delay)
                .map_err(|_| TIME),
            ("error", Some(name)) => failure(name).map(Self::Error).ok_or(CODE),
            ("fail_first", Some(count)) => count.parse().map(Self::FailFirst).map_err(|_| COUNT),
            ("error_rate", Some(share)) => match share.parse() {
                Ok(share) if (0.0..=1.0).contains(&share) => Ok(Self::ErrorRate(share)),
                _ => Err(SHARE),
            },
            ("delay", None) => Err(TIME),
            ("error", None) => Err(CODE),
            ("fail_first", None) => Err(COUNT),
            ("error_rate", None) => Err(SHARE),
            ("hang", None) => Ok(Self::Hang),
            ("panic", None) => Ok(Self::Panic),
            ("drop_context", None) => Ok(Self::DropContext),
            _ => Err(KIND),
        }
    }
}

fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The code of a failure, by its name.
fn failure(name: &str) -> Option<Code> {
    code_named(name).filter(|code| *code != Code::Ok)
}
