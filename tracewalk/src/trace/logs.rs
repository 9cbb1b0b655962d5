//! What was logged during a trace: the embedded store keeps it beside the spans.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    jaeger::plain_text,
    paint::Paint,
    row::Row,
    tree::Tree,
    wording::{duration, shorten},
};
use crate::{
    client::{self, Uri},
    output::Printable,
};

/// One log record, with its fields as text.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Logged {
    /// Microseconds since 1970.
    #[serde(rename = "time_us")]
    time: u64,
    /// Empty where it belongs to no span.
    span_id: String,
    service: String,
    severity: String,
    target: String,
    message: String,
    /// As `key=value key=value`.
    fields: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLine {
    timestamp: u64,
    #[serde(rename = "spanID")]
    span_id: String,
    service_name: String,
    severity: String,
    target: String,
    body: String,
    fields: Vec<RawField>,
}

#[derive(Deserialize)]
struct RawField {
    key: String,
    value: Value,
}

/// Reads what was logged during a trace, in the order of time.
///
/// # Errors
/// When nobody answers at the URL, or the server there keeps no logs, as Jaeger.
pub(super) async fn read(query_url: &Uri, id: &str) -> anyhow::Result<Vec<Logged>> {
    let base = query_url.to_string();
    let url: Uri = format!("{}/api/traces/{id}/logs", base.trim_end_matches('/'))
        .parse()
        .context("the query URL has an unusable path")?;
    let logs = client::get_json(url).await.and_then(parse);
    logs.with_context(|| format!("{query_url} has no logs: the store of `tracewalk up` keeps some"))
}

fn parse(mut answer: Value) -> anyhow::Result<Vec<Logged>> {
    let lines = answer.get_mut("data").map(Value::take).unwrap_or_default();
    let lines: Vec<RawLine> = serde_json::from_value(lines)?;
    Ok(lines.into_iter().map(Logged::from).collect())
}

impl From<RawLine> for Logged {
    fn from(line: RawLine) -> Self {
        let field = |field: RawField| format!("{}={}", field.key, plain_text(&field.value));
        let fields: Vec<_> = line.fields.into_iter().map(field).collect();
        Self {
            time: line.timestamp,
            span_id: line.span_id,
            service: line.service_name,
            severity: line.severity,
            target: line.target,
            message: line.body,
            fields: fields.join(" "),
        }
    }
}

/// The lines of a span, below its row and a level deeper.
pub(super) fn below(
    row: &Row,
    logs: &[Logged],
    start: u64,
    width: usize,
    paint: Paint,
) -> impl Iterator<Item = String> {
    let indent = 2 * (row.depth.min(super::row::MAX_DRAWN_DEPTH) + 1);
    let own = logs.iter().filter(|logged| logged.span_id == row.span.id);
    own.map(move |logged| logged.line(indent, start, width, paint))
}

/// The lines that belong to no span that is drawn.
pub(super) fn elsewhere(
    tree: &Tree,
    logs: &[Logged],
    width: usize,
    paint: Paint,
) -> impl Iterator<Item = String> {
    let drawn = |logged: &&Logged| tree.rows().iter().any(|row| row.span.id == logged.span_id);
    let others = logs.iter().filter(move |logged| !drawn(logged));
    others.map(move |logged| logged.line(0, tree.start(), width, paint))
}

impl Logged {
    /// `+1.20 ms WARN user::service refused code=NOT_FOUND`
    fn line(&self, indent: usize, start: u64, width: usize, paint: Paint) -> String {
        let Self {
            severity,
            target,
            message,
            fields,
            ..
        } = self;
        let offset = duration(self.time.saturating_sub(start));
        let text = format!("+{offset} {severity} {target} {message} {fields}");
        let text = Printable(text).to_string();
        let text = shorten(text.trim_end(), width.saturating_sub(indent));
        let text = if severity.starts_with("ERR") {
            paint.error(text)
        } else {
            paint.dim(text)
        };
        format!("{:indent$}{text}", "")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Logged, RawLine, parse};
    use crate::trace::paint::Paint;

    fn logged() -> Logged {
        let line = json!({
            "timestamp": 2_200,
            "spanID": "1",
            "serviceName": "user",
            "severity": "WARN",
            "target": "user::service",
            "body": "refused\u{1b}[2J",
            "fields": [
                { "key": "code", "type": "string", "value": "NOT_FOUND" },
                { "key": "attempt", "type": "int64", "value": 2 },
            ],
        });
        let line: RawLine = serde_json::from_value(line).unwrap();
        line.into()
    }

    #[test]
    fn a_line_says_when_what_and_where_and_moves_no_cursor() {
        let line = logged().line(2, 1_000, 100, Paint::new(false));
        assert_eq!(
            line,
            "  +1.20 ms WARN user::service refused\\u001b[2J code=NOT_FOUND attempt=2"
        );
    }

    #[test]
    fn a_line_is_no_wider_than_the_terminal() {
        for width in 10..80 {
            let line = logged().line(4, 1_000, width, Paint::new(false));
            assert!(line.chars().count() <= width, "{line}");
        }
    }

    #[test]
    fn an_answer_of_a_store_without_logs_is_a_mistake_and_no_empty_list() {
        for answer in [
            json!({ "data": null, "errors": [{ "code": 404, "msg": "no such API" }] }),
            json!("404 page not found"),
            json!({ "data": [{ "traceID": "1" }] }),
        ] {
            assert!(parse(answer.clone()).is_err(), "{answer}");
        }
        assert!(parse(json!({ "data": [] })).unwrap().is_empty());
    }

    #[test]
    fn a_clock_that_is_behind_logs_at_the_start() {
        let line = logged().line(0, 9_000, 20, Paint::new(false));
        assert!(line.starts_with("+0 µs WARN"), "{line}");
    }
}
