//! What a scenario does, in words and as JSON.

use serde_json::{Value, json};

use super::{file::Scenario, workload::CallKind};
use crate::{control::Setup, load::Kind};

/// `12 × get, within 10s, with profile:error=UNAVAILABLE`
pub(super) fn does(scenario: &Scenario) -> String {
    let Scenario {
        calls,
        setup,
        token,
        ..
    } = scenario;
    let mut words = vec![format!("{} × {}", calls.count, calls.kind.name())];
    let share = |share| format!("or {} % of the calls of the last hour", share * 100.0);
    words.extend(calls.share.map(share));
    if calls.parallel > 1 {
        words.push(format!("{} at a time", calls.parallel));
    }
    let is_create = calls.kind == CallKind::Known(Kind::Create);
    if is_create && !calls.idempotency_key {
        words.push("without an idempotency key".to_owned());
    }
    let time = humantime::format_duration(calls.deadline);
    words.push(format!("within {time}"));
    let faults = calls.faults.iter().map(|fault| format!("with {fault}"));
    words.extend(faults);
    let baggage = calls
        .baggage
        .iter()
        .map(|it| format!("with the baggage {it}"));
    words.extend(baggage);
    words.extend((!calls.sampled).then(|| "not sampled".to_owned()));
    words.extend(token.as_ref().map(ToString::to_string));
    words.extend(changes(setup));
    let is_watch = calls.kind == CallKind::Known(Kind::Watch);
    words.extend(is_watch.then(|| format!("{} updates", calls.updates)));
    let leaves = |updates| format!("left after {updates} of them");
    words.extend(calls.leave_after.map(leaves));
    words.extend(
        (calls.without_fault > 0).then(|| format!("and {} without a fault", calls.without_fault)),
    );
    words.join(", ")
}

/// What is changed of how the services run.
fn changes(setup: &Setup) -> Vec<String> {
    let mut words = Vec::new();
    let limit = |calls| format!("at most {calls} a second for each caller");
    words.extend(setup.rate_limit.map(limit));
    let keys = |keys| format!("of which {keys} is passed on");
    words.extend(setup.baggage.as_ref().map(keys));
    let profiles = setup.profiles;
    words.extend((profiles > 1).then(|| format!("{profiles} processes of profile")));
    words.extend(setup.profile_policy.clone());
    words
}

/// A scenario as JSON, for scripts.
pub(super) fn describe(scenario: &Scenario) -> Value {
    let faults = scenario.calls.faults.iter();
    let faults: Vec<_> = faults.map(ToString::to_string).collect();
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "lesson": scenario.lesson,
        "faults": faults,
        "page": scenario.page,
        "alert": scenario.alert,
    })
}
