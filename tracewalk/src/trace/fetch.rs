//! Gets the trace, once it is whole.

use std::{
    collections::HashSet,
    fmt::Display,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    Which,
    jaeger::{Span, Trace},
};
use crate::client::{self, DEBUG_ID, Uri};

/// The pause between two looks; a trace that has not grown in this time is taken for whole.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads the trace; waits up to `wait` for it to appear, and for parents that are missing.
pub(super) async fn trace(query_url: &Uri, which: &Which, wait: Duration) -> anyhow::Result<Trace> {
    let started = Instant::now();
    let base = query_url.to_string();
    let base = base.trim_end_matches('/');
    let url: Uri = match which {
        Which::Id(id) => format!("{base}/api/traces/{id}"),
        Which::Last => format!("{base}/api/traces?{}", ours(1)),
    }
    .parse()
    .context("the query URL has an unusable path")?;
    let mut before = 0;
    loop {
        let found = read(&url, client::get_json(url.clone()).await?)?;
        let is_last_look = started.elapsed() + PAUSE > wait;
        match found {
            Some(trace) if is_last_look || is_whole(&trace.spans, before) => return Ok(trace),
            Some(trace) => before = trace.spans.len(),
            None if is_last_look => {
                let waited = humantime::format_duration(wait);
                match which {
                    Which::Id(id) => bail!(
                        "no trace {id} at {base}: expected the id of a call that was sampled, and \
                         whose spans were exported (waited {waited}; --wait changes that)"
                    ),
                    Which::Last => bail!(
                        "no trace of `tracewalk call` or of a scenario at {base} (waited {waited}; \
                         --wait changes that)"
                    ),
                }
            }
            None => {}
        }
        sleep(PAUSE).await;
    }
}

/// The search for the latest traces with our debug id: a list of texts, as the attribute has it.
fn ours(limit: u32) -> String {
    let tag = format!(
        r#"{{"rpc.request.metadata.{}":"[\"{DEBUG_ID}\"]"}}"#,
        gateway::DEBUG_ID
    );
    let tag = utf8_percent_encode(&tag, NON_ALPHANUMERIC);
    format!("service=gateway&limit={limit}&tags={tag}")
}

/// Reads the latest traces in which this service has a span of this name.
pub(super) async fn search(
    query_url: &Uri,
    service: &str,
    operation: &str,
) -> anyhow::Result<Vec<Trace>> {
    let base = query_url.to_string();
    let (base, operation) = (
        base.trim_end_matches('/'),
        utf8_percent_encode(operation, NON_ALPHANUMERIC),
    );
    let query = format!("service={service}&operation={operation}&limit=200");
    find(base, &query).await
}

/// Reads the traces in which this service has a span of this name and that began within a minute of this time, in
/// microseconds since 1970.
pub(super) async fn near(
    query_url: &Uri,
    (service, operation): (&str, &str),
    begin: u64,
) -> anyhow::Result<Vec<Trace>> {
    let base = query_url.to_string();
    let operation = utf8_percent_encode(operation, NON_ALPHANUMERIC);
    let end = begin + 60_000_000;
    let query =
        format!("service={service}&operation={operation}&start={begin}&end={end}&limit=1500");
    find(base.trim_end_matches('/'), &query).await
}

/// Reads the latest traces in which a span of this service has this attribute.
pub(super) async fn tagged(
    query_url: &Uri,
    service: &str,
    (key, value): (&str, impl Display),
) -> anyhow::Result<Vec<Trace>> {
    let base = query_url.to_string();
    let tag = serde_json::json!({ key: value.to_string() }).to_string();
    let tag = utf8_percent_encode(&tag, NON_ALPHANUMERIC);
    let query = format!("service={service}&limit=200&tags={tag}");
    find(base.trim_end_matches('/'), &query).await
}

/// Reads the latest two traces with our debug id, the latest first.
pub(super) async fn latest(query_url: &Uri) -> anyhow::Result<Vec<Trace>> {
    let base = query_url.to_string();
    let mut found = find(base.trim_end_matches('/'), &ours(2)).await?;
    found.sort_by_key(|trace| std::cmp::Reverse(trace.begin()));
    Ok(found)
}

async fn find(base: &str, query: &str) -> anyhow::Result<Vec<Trace>> {
    let url: Uri = format!("{base}/api/traces?{query}")
        .parse()
        .context("the query URL has an unusable path")?;
    let mut answer = client::get_json(url.clone()).await?;
    let Some(found) = answer["data"].as_array_mut() else {
        bail!("{url} is no Jaeger query API");
    };
    let traces = found.iter_mut().map(|trace| Trace::read(trace.take()));
    let traces: Result<_, _> = traces.collect();
    traces.with_context(|| format!("{url} answers no Jaeger trace"))
}

/// Takes the trace out of an answer; `None` if it says that there is none.
fn read(url: &Uri, mut answer: Value) -> anyhow::Result<Option<Trace>> {
    if let Some(data) = answer.pointer_mut("/data/0") {
        let trace = Trace::read(data.take());
        return trace
            .map(Some)
            .with_context(|| format!("{url} answers no Jaeger trace"));
    }
    let code = answer.pointer("/errors/0/code").and_then(Value::as_u64);
    match code {
        Some(404) if answer["errors"][0]["msg"] == "trace not found" => Ok(None),
        Some(404) => bail!("{url} answers: {}", answer["errors"][0]["msg"]),
        None if answer["data"].as_array().is_some_and(Vec::is_empty) => Ok(None),
        Some(code) => bail!("{url} answers {code}: {}", answer["errors"][0]["msg"]),
        None => bail!("{url} is no Jaeger query API"),
    }
}

/// Whether nothing was added since the last look, and no parent is missing.
fn is_whole(spans: &[Span], before: usize) -> bool {
    let ids: HashSet<_> = spans.iter().map(|span| &span.id).collect();
    let is_known = |span: &Span| {
        span.references.is_empty() || span.references.iter().any(|id| ids.contains(id))
    };
    spans.len() == before && spans.iter().all(is_known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Uri, read};

    fn url() -> Uri {
        "http://localhost:16686/api/traces/1".parse().unwrap()
    }

    #[test]
    fn an_unknown_trace_is_no_mistake_yet() {
        let answer = json!({ "data": null, "errors": [{ "code": 404, "msg": "trace not found" }] });
        assert!(read(&url(), answer).unwrap().is_none());
    }

    #[test]
    fn an_evicted_trace_is_not_waited_for() {
        let answer = json!({ "errors": [{ "code": 404, "msg": "trace evicted: no room" }] });
        let error = read(&url(), answer).unwrap_err().to_string();
        assert!(error.contains("trace evicted"), "{error}");
    }

    #[test]
    fn other_answers_are_named_with_their_url() {
        for (answer, reason) in [
            (
                json!({ "errors": [{ "code": 400, "msg": "bad id" }] }),
                "answers 400",
            ),
            (json!({ "status": "ok" }), "is no Jaeger query API"),
            (json!(["a", 1]), "is no Jaeger query API"),
            (
                json!({ "data": [{ "traceID": "1" }] }),
                "answers no Jaeger trace",
            ),
        ] {
            let error = read(&url(), answer).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("16686"), "{error}");
        }
    }
}
