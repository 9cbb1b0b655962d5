//! Finds the traces that other commands need: by id, by link, by time.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use tokio::time::{sleep, timeout};

use super::{Tree, Which, fetch, jaeger};
use crate::client;

/// How long a trace is searched whose id nobody told.
const MAX_SEARCH: Duration = Duration::from_secs(3);

/// The attribute by which a message is known wherever it is handled.
const MESSAGE: &str = "messaging.message.id";

/// The pause between two searches.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads a trace once it is whole; waits up to `wait` for that.
///
/// # Errors
/// When nobody answers at the URL, when it is no Jaeger, or when it has no such trace.
pub(crate) async fn read(
    query_url: &client::Uri,
    id: &str,
    wait: Duration,
) -> anyhow::Result<Tree> {
    let which = Which::Id(id.to_owned());
    let trace = fetch::trace(query_url, &which, wait).await?;
    Ok(Tree::new(trace.spans))
}

/// The ids and the spans of the latest traces with a span of this name in this service that have a
/// link to the trace `to`.
///
/// # Errors
/// When nobody answers at the URL, or when it is no Jaeger.
pub(crate) async fn linked(
    query_url: &client::Uri,
    (service, operation): (&str, &str),
    to: &str,
) -> anyhow::Result<Vec<(String, Tree)>> {
    let found = fetch::search(query_url, service, operation).await?;
    Ok(with_link(found, to))
}

/// The ids and the spans of those that have a link to the trace `to`.
fn with_link(traces: Vec<jaeger::Trace>, to: &str) -> Vec<(String, Tree)> {
    let has_link = |trace: &jaeger::Trace| {
        let mut links = trace.spans.iter().flat_map(|span| &span.links);
        links.any(|link| link.trace_id == to)
    };
    let linked = traces.into_iter().filter(has_link);
    linked.map(|it| (it.id, Tree::new(it.spans))).collect()
}

/// The traces in which the work goes on that this trace has asked for: those with a link to it in which one of its
/// services sends or handles a message that it has made. A message is sent within a minute, and handled at any time.
///
/// # Errors
/// When nobody answers at the URL, or when it is no Jaeger.
pub(super) async fn goes_on(
    query_url: &client::Uri,
    (id, tree): (&str, &Tree),
) -> anyhow::Result<Vec<(String, Tree)>> {
    let spans = || tree.rows().iter().map(|row| &row.span);
    let services: BTreeSet<_> = spans().map(|span| span.service.as_str()).collect();
    let mut found = Vec::new();
    for made in spans().filter(|span| span.kind == "producer") {
        let Some(destination) = made.operation.strip_prefix("create ") else {
            continue;
        };
        let send = format!("send {destination}");
        for service in &services {
            let batch = (*service, send.as_str());
            found.extend(fetch::near(query_url, batch, made.start).await?);
            if let Some(message) = made.attributes.get(MESSAGE) {
                let tag = (MESSAGE, jaeger::plain_text(message));
                found.extend(fetch::tagged(query_url, service, tag).await?);
            }
        }
    }
    found.sort_by_key(|trace| (trace.begin(), trace.id.clone()));
    found.dedup_by(|one, other| one.id == other.id);
    Ok(with_link(found, id))
}

/// The id of the only trace with our debug id that began at this time or later, once it has arrived; `None`
/// when there is none within three seconds, or more than one.
pub(crate) async fn made_since(query_url: &client::Uri, begin: SystemTime) -> Option<String> {
    let begin = begin.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let begin = u64::try_from(begin.as_micros()).ok()?;
    let found = async {
        loop {
            match &fetch::latest(query_url).await.ok()?[..] {
                [latest, ..] if latest.begin() < begin => {}
                [] => {}
                [_, before, ..] if before.begin() >= begin => return None,
                [latest, ..] => return Some(latest.id.clone()),
            }
            sleep(PAUSE).await;
        }
    };
    timeout(MAX_SEARCH, found).await.ok()?
}
