use std::str::FromStr;

use grpc_wire::code_named;
use tonic::Code;

use super::fault::{Fault, Faults, HIDDEN, Kind};

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
