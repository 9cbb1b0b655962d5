//! Reads what a scenario changes about the stack.

use tonic_resilience::client::balance::Policy;

use super::{
    error::FileError,
    fields,
    raw::{Raw, Source},
    workload::Calls,
};
use crate::control::{Action, Process, Setup};

/// Reads how the services are to run.
pub(super) fn setup(place: &Source<'_>, raw: &Raw) -> Result<Setup, FileError> {
    let count = |number: &u32| fields::count(*number);
    Ok(Setup {
        tokens: raw.token.is_some(),
        rate_limit: place.value(raw.rate_limit.as_ref(), None, |it| count(it).map(Some))?,
        baggage: place.value(raw.baggage_keys.as_ref(), None, |keys| {
            parse_keys(keys).map(|()| Some(keys.clone()))
        })?,
        profiles: place.value(raw.profiles.as_ref(), 1, |number| profiles(*number))?,
        profile_policy: place.value(raw.profile_policy.as_ref(), None, |name| {
            let policy = name.parse::<Policy>();
            policy.map_err(|error| error.to_string())?;
            Ok(Some(name.clone()))
        })?,
    })
}

/// Reads what is done to processes while so many calls are made.
pub(super) fn processes(
    place: &Source<'_>,
    raw: &Raw,
    setup: &Setup,
    calls: &Calls,
) -> Result<Vec<Action>, FileError> {
    place.lines(raw.processes.as_ref(), |line, _| {
        let action: Action = line.parse()?;
        let most = match &action.process {
            Process::Of(service, _) if service == "profile" => setup.profiles,
            _ => 1,
        };
        match &action.process {
            Process::Of(service, replica) if *replica > most => Err(format!(
                "there is no {service} {replica}: expected at most {most}"
            )),
            _ if action.after >= calls.count => {
                let count = calls.count;
                Err(format!(
                    "not so many calls are made: expected less than {count}, as `count` says"
                ))
            }
            _ => Ok(action),
        }
    })
}

fn parse_keys(text: &str) -> Result<(), String> {
    let is_key = |key: &str| !key.is_empty() && key.bytes().all(|it| it.is_ascii_alphanumeric());
    if text.split(',').all(is_key) {
        return Ok(());
    }
    Err(format!(
        "`{text}` is no list of keys: expected KEY,KEY of letters and digits"
    ))
}

fn profiles(number: u32) -> Result<usize, String> {
    match number {
        1..=3 => Ok(number as usize),
        _ => Err("expected 1 to 3".to_owned()),
    }
}
