use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::check::{
    dashboards::{Query, Question},
    evidence,
    finding::{Finding, Verdict},
    parts::{Part, is_embedded},
    stack::Stack,
};

/// Emitted only by services with `--tls`; without it, the panel may be empty.
const CERTIFICATES: &str = "tls_cert_not_after_timestamp_seconds";

/// Emitted only by services with `--register`, and by callers of `etcd:` targets.
const REGISTRY: [&str; 2] = ["registry_registered", "registry_watching"];

/// The metric that Jaeger counts from spans; the store of `tracewalk up` does not have it.
const SPAN_METRICS: &str = "traces_span_metrics_calls_total";

/// The greatest age of the data of a panel: a call has just been made.
const RECENT: Duration = Duration::from_mins(1);

/// How many empty panels are named.
const NAMED: usize = 3;

/// Runs the queries of every panel.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    // A rate needs calls between two scrapes: without other traffic this call is the only one.
    evidence::call(stack).await?;
    let may_be_empty = may_be_empty(stack).await?;
    let (mut filled, mut off, mut left_out, mut empty) = (0, 0, 0, Vec::new());
    for query in &stack.queries {
        if is_left_out(stack, query) {
            left_out += 1;
        } else if has_data(stack, &query.question).await? {
            filled += 1;
        } else if may_be_empty.iter().any(|name| query.question.names(name)) {
            off += 1;
        } else {
            empty.push(query);
        }
    }
    let Some(first) = empty.first() else {
        return Ok(format!(
            "{filled} queries have data, {off} are about what is switched off, \
             {left_out} are left out"
        ));
    };
    let named = empty
        .iter()
        .take(NAMED)
        .map(|it| format!("{}: {}", it.dashboard, it.panel));
    let named = named.collect::<Vec<_>>().join("; ");
    let found = format!(
        "{} of {} queries are empty: {named}",
        empty.len(),
        empty.len() + filled
    );
    let advice = format!("the first asks {}: {}", first.source, first.question.text());
    let part = format!("dashboard {}", first.dashboard);
    Err(Finding::new(part, "every panel has data", found, advice).may_come())
}

/// The metrics whose panels may be empty here.
async fn may_be_empty(stack: &Stack) -> Result<Vec<&'static str>, Finding> {
    let mut candidates = vec![CERTIFICATES, REGISTRY[0], REGISTRY[1]];
    if is_embedded(&stack.jaeger.site).await {
        candidates.push(SPAN_METRICS);
    }
    let mut may_be_empty = Vec::new();
    for name in candidates {
        let series = format!("count({{__name__=~\"{name}(_count)?\"}})");
        if stack.prometheus.values(&series).await?.is_empty() {
            may_be_empty.push(name);
        }
    }
    Ok(may_be_empty)
}

fn is_left_out(stack: &Stack, query: &Query) -> bool {
    matches!(query.question, Question::Loki(_)) && stack.left_out.reason(Part::Loki).is_some()
}

impl Question {
    /// Whether the query is about this metric.
    fn names(&self, metric: &str) -> bool {
        matches!(self, Self::Prometheus(expression) if expression.contains(metric))
    }

    fn text(&self) -> &str {
        match self {
            Self::Prometheus(text) | Self::Loki(text) | Self::Traces(text) => text,
            Self::Dependencies => "who calls whom",
        }
    }
}

async fn has_data(stack: &Stack, question: &Question) -> Result<bool, Finding> {
    let jaeger = &stack.jaeger.site;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let from = now.saturating_sub(RECENT);
    let answer = match question {
        Question::Prometheus(query) => {
            return Ok(!stack.prometheus.values(query).await?.is_empty());
        }
        Question::Loki(query) => {
            let from = from.as_nanos().to_string();
            let query = [("query", query.as_str()), ("start", &from), ("limit", "10")];
            let answer = stack.loki.json("/loki/api/v1/query_range", &query).await?;
            answer["data"]["result"].clone()
        }
        Question::Dependencies => {
            let now = now.as_millis().to_string();
            let lookback = RECENT.as_millis().to_string();
            let query = [("endTs", now.as_str()), ("lookback", &lookback)];
            jaeger.json("/api/dependencies", &query).await?["data"].clone()
        }
        Question::Traces(service) => {
            let [from, to] = [from, now].map(|time| time.as_micros().to_string());
            let time = [("start", from.as_str()), ("end", &to)];
            let query = [[("service", service.as_str()), ("limit", "20")], time].concat();
            jaeger.json("/api/traces", &query).await?["data"].clone()
        }
    };
    Ok(answer.as_array().is_some_and(|found| !found.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{CERTIFICATES, REGISTRY, SPAN_METRICS};

    /// prometheus/signals.txt marks what may be missing, for those who write dashboards.
    #[test]
    fn every_metric_that_may_be_missing_is_marked_so_in_the_list_of_signals() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus/signals.txt");
        let text = std::fs::read_to_string(file).unwrap();
        let marked = |mark: &str| {
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            let marked = lines.filter(|line| line.split_whitespace().any(|word| word == mark));
            let mut names: Vec<_> = marked
                .filter_map(|line| line.split_whitespace().next())
                .collect();
            names.sort_unstable();
            names
        };
        assert_eq!(marked("tls"), [CERTIFICATES]);
        assert_eq!(marked("docker"), [SPAN_METRICS]);
        assert_eq!(marked("registry"), REGISTRY);
    }
}
