//! Gets the trace, once it is whole.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::time::sleep;

use super::jaeger::{Span, Trace};
use crate::client::{self, Uri};

/// The pause between two looks; a trace that has not grown in this time is taken for whole.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads the trace; waits up to `wait` for it to appear, and for parents that are missing.
pub(super) async fn trace(query_url: &Uri, id: &str, wait: Duration) -> anyhow::Result<Trace> {
    let started = Instant::now();
    let base = query_url.to_string();
    let base = base.trim_end_matches('/');
    let url: Uri = format!("{base}/api/traces/{id}")
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
                bail!("no trace {id} at {base} (waited {waited}; --wait changes that)")
            }
            None => {}
        }
        sleep(PAUSE).await;
    }
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
        Some(404) => Ok(None),
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
