use std::sync::Arc;

use super::{
    connect::Connected,
    endpoint::{Condition, Endpoint, Stream},
    members::Members,
    policy::Picker,
};

/// Where a call goes.
type Choice = Result<(Stream, Connected), Refusal>;

/// Why a call goes nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    /// All servers are ejected.
    Unreachable,
    /// The healthy ones have as many calls as this process may make.
    Full,
}

/// A free stream to a healthy server; waits while servers are still being connected.
pub(super) async fn choose(members: &Members, picker: &Picker) -> Choice {
    if let Some(chosen) = choose_now(members, picker) {
        return chosen;
    }
    let mut changes = members.changes();
    loop {
        if let Some(chosen) = choose_now(members, picker) {
            return chosen;
        }
        if changes.changed().await.is_err() {
            return Err(Refusal::Unreachable);
        }
    }
}

/// A free stream, or the refusal when all servers are ejected or all healthy ones are full;
/// `None` while servers are still being connected.
fn choose_now(members: &Members, picker: &Picker) -> Option<Choice> {
    let members = members.borrow();
    let members = members.as_ref()?;
    let are = |condition| move |endpoint: &&Arc<Endpoint>| endpoint.condition() == condition;
    // An unresponsive one is better than none.
    for condition in [Condition::Healthy, Condition::Unresponsive] {
        let mut candidates: Vec<_> = members.iter().filter(are(condition)).collect();
        if !candidates.is_empty() {
            candidates.retain(|endpoint| endpoint.pool.has_room());
            let chosen = picker.pick(&candidates);
            return Some(chosen.and_then(Endpoint::take).ok_or(Refusal::Full));
        }
    }
    let connecting = members
        .iter()
        .any(|endpoint| are(Condition::Connecting)(&endpoint));
    (!connecting).then_some(Err(Refusal::Unreachable))
}
