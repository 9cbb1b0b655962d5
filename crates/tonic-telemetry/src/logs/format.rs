use std::fmt;
use std::io::IsTerminal;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::{current_span, json, pretty};

/// How log lines are written to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// [`Pretty`](Self::Pretty) on a terminal, else [`Json`](Self::Json).
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// Text with colours.
    Pretty,
    /// No log lines.
    Off,
}

impl LogFormat {
    /// What is written in the end; `None` where nothing is.
    pub(crate) fn style(self) -> Option<Style> {
        match self {
            Self::Auto if std::io::stdout().is_terminal() => Some(Style::Pretty),
            Self::Auto | Self::Json => Some(Style::Json),
            Self::Pretty => Some(Style::Pretty),
            Self::Off => None,
        }
    }
}

/// A format that was decided for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Json,
    Pretty,
}

/// Writes events as lines.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(crate) service: String,
    pub(crate) style: Style,
}

/// One line, before it has a format.
pub(super) struct Line<'a> {
    pub(super) timestamp: &'a str,
    pub(super) level: tracing::Level,
    pub(super) target: &'a str,
    pub(super) service: &'a str,
    pub(super) fields: &'a Fields,
    /// Trace id and span id, in hex.
    pub(super) ids: Option<(String, String)>,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _cx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = Fields::of(event);
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let line = Line {
            timestamp: &timestamp,
            level: *event.metadata().level(),
            target: fields.target(event),
            service: &self.service,
            fields: &fields,
            ids: current_span(|span| (span.trace_id().to_string(), span.span_id().to_string())),
        };
        let mut text = String::with_capacity(256);
        match self.style {
            Style::Json => json::write(&mut text, &line)?,
            Style::Pretty => pretty::write(&mut text, &line, writer.has_ansi_escapes())?,
        }
        // One write a line, so that lines of several threads never mix.
        writeln!(writer, "{text}")
    }
}
