use std::fmt::{self, Write};

use tracing::Level;

use super::escape::escape;
use super::line::Line;

const DIM: &str = "2";

/// Writes `08:15:42.123  INFO user listening address=127.0.0.1:50052 trace=4bf92f35…`, in colours
/// where `ansi` says so. The time is UTC, as in the JSON lines and in traces.
pub(super) fn write(out: &mut String, line: &Line<'_>, ansi: bool) -> fmt::Result {
    // The date and the microseconds are left to the JSON lines.
    let time = line.timestamp.get(11..23).unwrap_or(line.timestamp);
    painted(out, ansi, DIM, time)?;
    out.write_char(' ')?;
    painted(
        out,
        ansi,
        colour(line.level),
        &format!("{:>5}", line.level.as_str()),
    )?;
    out.write_char(' ')?;
    painted(out, ansi, DIM, line.service)?;
    out.write_char(' ')?;
    escape(out, &line.fields.message)?;
    for (name, value) in &line.fields.others {
        out.write_char(' ')?;
        painted(out, ansi, DIM, &format!("{name}="))?;
        escape(out, &value.to_string())?;
    }
    if let Some((trace_id, _)) = &line.ids {
        out.write_char(' ')?;
        painted(out, ansi, DIM, &format!("trace={trace_id}"))?;
    }
    Ok(())
}

fn painted(out: &mut String, ansi: bool, code: &str, text: &str) -> fmt::Result {
    if !ansi {
        return escape(out, text);
    }
    write!(out, "\u{1b}[{code}m")?;
    escape(out, text)?;
    out.write_str("\u{1b}[0m")
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "31",
        Level::WARN => "33",
        Level::INFO => "32",
        Level::DEBUG => "34",
        Level::TRACE => "35",
    }
}
