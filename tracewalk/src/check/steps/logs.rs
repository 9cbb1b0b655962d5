use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::check::{
    chain::CHAIN,
    evidence::Evidence,
    finding::{Finding, Verdict, list},
    parts::Part,
    stack::Stack,
};

/// Clocks differ a little, and a record has the time of its event.
const SLACK: Duration = Duration::from_secs(10);

/// Looks for the lines that each service logged of the call: in Loki, or in the store of
/// `tracewalk up`.
pub(in crate::check) async fn check(stack: &Stack, evidence: &Evidence) -> Verdict {
    let (part, lines) = if stack.left_out.reason(Part::Loki).is_none() {
        ("loki", in_loki(stack, evidence).await?)
    } else {
        ("jaeger", in_store(stack, evidence).await?)
    };
    let missing = CHAIN.iter().map(|link| link.service);
    let missing: Vec<_> = missing.filter(|it| !lines.contains_key(*it)).collect();
    if missing.is_empty() {
        let counted = lines
            .iter()
            .map(|(service, count)| format!("{service} {count}"));
        return Ok(format!("lines of the call: {}", list(counted)));
    }
    let culprit = if lines.is_empty() { part } else { missing[0] };
    let expected = format!("{part} has log lines of the trace {}", evidence.trace_id);
    let found = format!("none of {}", list(&missing));
    let advice = "do they export logs (OTEL_LOGS_EXPORTER=otlp, RUST_LOG), and does Jaeger pass them \
                  on (jaeger/config.yml)?";
    Err(Finding::new(culprit, expected, found, advice).may_come())
}

/// How many lines of the call each service has in Loki.
async fn in_loki(stack: &Stack, evidence: &Evidence) -> Result<BTreeMap<String, usize>, Finding> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let start = now.saturating_sub(evidence.made.elapsed() + SLACK);
    let start = start.as_nanos().to_string();
    let services = CHAIN.map(|link| link.service).join("|");
    let id = &evidence.trace_id;
    let query = format!("{{service_name=~\"{services}\"}} | trace_id=\"{id}\"");
    let query = [
        ("query", query.as_str()),
        ("start", &start),
        ("limit", "1000"),
    ];
    let answer = stack.loki.json("/loki/api/v1/query_range", &query).await?;
    let streams = answer["data"]["result"].as_array().into_iter().flatten();
    let of_stream = |stream: &Value| {
        let lines = stream["values"].as_array().map_or(0, Vec::len);
        (stream["stream"]["service_name"].clone(), lines)
    };
    Ok(counted(streams.map(of_stream)))
}

/// The same in the store of `tracewalk up`, which keeps traces and logs.
async fn in_store(stack: &Stack, evidence: &Evidence) -> Result<BTreeMap<String, usize>, Finding> {
    let path = format!("/api/traces/{}/logs", evidence.trace_id);
    let answer = stack.jaeger.site.json(&path, &[]).await?;
    let lines = answer["data"].as_array().into_iter().flatten();
    Ok(counted(lines.map(|line| (line["serviceName"].clone(), 1))))
}

fn counted(lines: impl Iterator<Item = (Value, usize)>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (service, lines) in lines {
        let service = service.as_str().unwrap_or_default().to_owned();
        *counts.entry(service).or_default() += lines;
    }
    counts
}
