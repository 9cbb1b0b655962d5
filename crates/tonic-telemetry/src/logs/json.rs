use std::fmt::{self, Write};

use super::escape::escape;
use super::fields::Value;
use super::line::Line;

/// The names that every line has; a field of such a name gets a prefix.
const OWN: [&str; 7] = [
    "timestamp",
    "level",
    "target",
    "service",
    "message",
    "trace_id",
    "span_id",
];

/// Writes one JSON object: first what every line has, then the event's own fields beside it.
pub(super) fn write(out: &mut String, line: &Line<'_>) -> fmt::Result {
    out.push_str("{\"timestamp\":\"");
    out.push_str(line.timestamp);
    out.push_str("\",\"level\":\"");
    out.push_str(line.level.as_str());
    out.push('"');
    text(out, "target", line.target)?;
    text(out, "service", line.service)?;
    text(out, "message", &line.fields.message)?;
    if let Some((trace_id, span_id)) = &line.ids {
        text(out, "trace_id", trace_id)?;
        text(out, "span_id", span_id)?;
    }
    for (field, value) in &line.fields.others {
        let prefix = if OWN.contains(field) { "field." } else { "" };
        name(out, prefix, field);
        match value {
            Value::Text(value) => quoted(out, value)?,
            bare => write!(out, "{bare}")?,
        }
    }
    out.write_char('}')
}

fn text(out: &mut String, field: &str, value: &str) -> fmt::Result {
    name(out, "", field);
    quoted(out, value)
}

/// By parts: `write!` costs several times as much.
fn name(out: &mut String, prefix: &str, name: &str) {
    for part in [",\"", prefix, name, "\":"] {
        out.push_str(part);
    }
}

fn quoted(out: &mut String, value: &str) -> fmt::Result {
    out.write_char('"')?;
    escape(out, value)?;
    out.write_char('"')
}
