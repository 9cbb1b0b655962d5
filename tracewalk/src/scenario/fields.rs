//! Reads the calls of a scenario: each key with what is allowed for it.

use std::{ops::RangeInclusive, time::Duration};

use tonic::metadata::{Ascii, MetadataValue};
use tonic_resilience::server::layers::inject_fault::Fault;

use super::{
    error::FileError,
    raw::{Raw, Source},
    workload::{CallKind, Calls},
};
use crate::{client::parse_fault, load::Kind};

/// How many calls a scenario may make: more are a load test.
pub(super) const COUNT: RangeInclusive<u32> = 1..=100_000;

const SHARE: RangeInclusive<f64> = 0.01..=0.5;

const DEADLINE_OF_MOST: Duration = Duration::from_secs(10);

const DEADLINE: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(1);

/// Reads what is called, and how.
pub(super) fn calls(place: &Source<'_>, raw: &Raw) -> Result<Calls, FileError> {
    let kind = place.value(raw.call.as_ref(), CallKind::Known(Kind::Get), |it| kind(it))?;
    has_updates(place, raw, kind)?;
    let user = place.value(raw.user.as_ref(), None, |id| {
        let expected = "no user is asked for: expected a get, a watch or a lookup";
        only(kind, &[Kind::Get, Kind::Watch, Kind::Lookup], expected)?;
        Ok(Some(id.clone()))
    })?;
    let users = place.value(raw.users.as_ref(), 3, |number| {
        let expected = "only a lookup or an import has several users";
        only(kind, &[Kind::Lookup, Kind::Import], expected)?;
        count(*number)
    })?;
    let has_key = place.value(raw.idempotency_key.as_ref(), true, |has_key| {
        let expected = "only a user that is made has a key: expected `call = \"create\"`";
        only(kind, &[Kind::Create], expected)?;
        Ok(*has_key)
    })?;
    let count = |number: &u32| count(*number);
    let parallel = place.value(raw.parallel.as_ref(), 1, count)?;
    let updates = place.value(raw.updates.as_ref(), 3, count)?;
    Ok(Calls {
        kind,
        user,
        users,
        idempotency_key: has_key,
        faults: place.value(raw.fault.as_ref(), Vec::new(), |text| faults(text))?,
        baggage: place.value(raw.baggage.as_ref(), None, |it| baggage(it).map(Some))?,
        sampled: raw.sampled,
        count: place.value(raw.count.as_ref(), 1, count)?,
        share: place.value(raw.share.as_ref(), None, |it| share(*it).map(Some))?,
        parallel: usize::try_from(parallel).unwrap_or(usize::MAX),
        deadline: place.value(raw.deadline.as_ref(), DEADLINE_OF_MOST, |it| deadline(it))?,
        updates,
        leave_after: place.value(raw.leave_after.as_ref(), None, |it| {
            leave_after(*it, updates).map(Some)
        })?,
        without_fault: place.value(raw.without_fault.as_ref(), 0, count)?,
        spans_of: spans_of(raw),
        wait_for_recovery: raw.wait_for_recovery,
    })
}

fn spans_of(raw: &Raw) -> Option<String> {
    raw.spans_of.as_ref().map(|code| code.get_ref().clone())
}

/// Refuses the keys of a watch for other kinds of call.
fn has_updates(place: &Source<'_>, raw: &Raw, kind: CallKind) -> Result<(), FileError> {
    let expected = "only a watch has updates: expected `call = \"watch\"`";
    for key in [&raw.updates, &raw.leave_after] {
        place.value(key.as_ref(), (), |_| only(kind, &[Kind::Watch], expected))?;
    }
    Ok(())
}

/// Refuses a key that means nothing for other kinds of call.
fn only(kind: CallKind, kinds: &[Kind], expected: &str) -> Result<(), String> {
    match kind {
        CallKind::Known(kind) if kinds.contains(&kind) => Ok(()),
        _ => Err(expected.to_owned()),
    }
}

fn kind(name: &str) -> Result<CallKind, String> {
    let mut kinds = CallKind::all();
    let names = CallKind::all().map(CallKind::name);
    let names = || names.collect::<Vec<_>>().join(", ");
    let found = kinds.find(|kind| kind.name() == name);
    found.ok_or_else(|| {
        format!(
            "`{name}` is not a kind of call: expected one of {}",
            names()
        )
    })
}

fn faults(text: &str) -> Result<Vec<Fault>, String> {
    text.split('&').map(parse_fault).collect()
}

fn baggage(text: &str) -> Result<String, String> {
    let is_pair = |pair: &str| pair.split_once('=').is_some_and(|(key, _)| !key.is_empty());
    let is_text = text.parse::<MetadataValue<Ascii>>().is_ok();
    if is_text && text.split(',').all(is_pair) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{text}` is not baggage: expected KEY=VALUE,KEY=VALUE"
        ))
    }
}

fn deadline(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|_| format!("`{text}` is not a duration: expected one as 250ms or 2s"))?;
    if DEADLINE.contains(&time) {
        Ok(time)
    } else {
        Err(format!("`{text}` is not a deadline: expected 1ms to 1h"))
    }
}

pub(super) fn count(number: u32) -> Result<u32, String> {
    if COUNT.contains(&number) {
        Ok(number)
    } else {
        let (least, most) = (COUNT.start(), COUNT.end());
        Err(format!("expected {least} to {most}"))
    }
}

fn share(share: f64) -> Result<f64, String> {
    if SHARE.contains(&share) {
        Ok(share)
    } else {
        Err(format!("expected {} to {}", SHARE.start(), SHARE.end()))
    }
}

fn leave_after(number: u32, updates: u32) -> Result<u32, String> {
    count(number)?;
    if number < updates {
        Ok(number)
    } else {
        Err(format!(
            "the caller would not leave: expected less than {updates}, as `updates` says"
        ))
    }
}
