//! `/api/dependencies`: which service calls which.

use std::{collections::BTreeMap, time::Duration};

use axum::extract::{Query, State};
use serde::Serialize;

use super::{
    ancestry::Ancestry,
    parameters::{Parameters, now},
    reply::{Failure, Reply},
};
use crate::{
    intern::Text,
    traces::store::{Trace, TraceStore},
};

/// An arrow of the graph.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dependency {
    parent: String,
    child: String,
    call_count: u64,
}

/// `GET /api/dependencies?endTs=…&lookback=…`, both in milliseconds; with `service`, the arrows that
/// begin or end there.
pub(crate) async fn dependencies(
    State(store): State<TraceStore>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Reply<Dependency>, Failure> {
    let parameters = Parameters::read(pairs, &["endTs", "lookback", "service"], &[])?;
    let end: Option<u64> = parameters.number("endTs")?;
    let lookback: Option<u64> = parameters.number("lookback")?;
    // The whole last millisecond counts: a graph up to now has the calls that have just ended.
    let until = end.map_or(u64::MAX, |end| {
        nanos(end.saturating_add(1)).saturating_sub(1)
    });
    let latest = end.map_or_else(now, |_| until);
    let since = lookback.map_or(0, |lookback| latest.saturating_sub(nanos(lookback)));
    let mut calls: BTreeMap<(Text, Text), u64> = BTreeMap::new();
    for trace in store.snapshot() {
        if (since..=until).contains(&trace.start()) {
            count_calls(&trace, &mut calls);
        }
    }
    if let Some(service) = parameters.text("service") {
        calls.retain(|(parent, child), _| **parent == *service || **child == *service);
    }
    let arrow = |((parent, child), call_count): ((Text, Text), u64)| Dependency {
        parent: parent.to_string(),
        child: child.to_string(),
        call_count,
    };
    Ok(Reply::new(calls.into_iter().map(arrow).collect()))
}

/// A call is a span whose parent is of another service.
fn count_calls(trace: &Trace, calls: &mut BTreeMap<(Text, Text), u64>) {
    let ancestry = Ancestry::new(trace);
    for (place, span) in trace.spans().iter().enumerate() {
        let Some(parent) = ancestry.parent(place) else {
            continue;
        };
        let parent = &trace.spans()[parent];
        if parent.service() != span.service() {
            let arrow = (parent.service().clone(), span.service().clone());
            *calls.entry(arrow).or_default() += 1;
        }
    }
}

fn nanos(millis: u64) -> u64 {
    u64::try_from(Duration::from_millis(millis).as_nanos()).unwrap_or(u64::MAX)
}
