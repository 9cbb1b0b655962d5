//! What Prometheus answers in the end: a line is a query, and its answer must not be empty.

use anyhow::{Context as _, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::judge::Verdict;
use crate::{
    client::{self, Uri},
    output,
};

/// Asks each query.
pub(super) async fn look(queries: &[String], prometheus: &Uri) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for query in queries {
        let (met, seen) = match ask(prometheus, query).await {
            Ok(values) if values.is_empty() => (false, "nothing".to_owned()),
            Ok(values) => (true, values.join(", ")),
            Err(error) => (false, output::with_causes(&error)),
        };
        verdicts.push(Verdict::new(query, met, seen));
    }
    verdicts
}

/// The values of all series in the answer.
pub(super) async fn ask(prometheus: &Uri, query: &str) -> anyhow::Result<Vec<String>> {
    let base = prometheus.to_string();
    let base = base.trim_end_matches('/');
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let url = format!("{base}/api/v1/query?query={query}");
    let answer = client::get_json(url.parse().context("the address has an unusable path")?).await?;
    if let Some(error) = answer["error"].as_str() {
        bail!("{base} (--prometheus) answers: {error}");
    }
    let Some(series) = answer["data"]["result"].as_array() else {
        bail!("{base} (--prometheus) is no Prometheus");
    };
    let value = |series: &Value| {
        let value = series["value"][1].as_str()?.parse::<f64>().ok()?;
        Some(((value * 100.0).round() / 100.0).to_string())
    };
    Ok(series.iter().filter_map(value).collect())
}
