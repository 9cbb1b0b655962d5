use std::cell::Cell;
use std::fmt;
use std::io::{IsTerminal, Write as _};

use tracing::Event;
use tracing_subscriber::fmt::MakeWriter as _;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::fields::Fields;
use super::line::Line;
use super::{clock, current_span, json, pretty};
use crate::propagation::traceparent;

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
    /// The style of the lines on this output; `None` where no lines are written.
    pub(crate) fn style(self) -> Option<Style> {
        match self {
            Self::Auto if std::io::stdout().is_terminal() => Some(Style::Pretty),
            Self::Auto | Self::Json => Some(Style::Json),
            Self::Pretty => Some(Style::Pretty),
            Self::Off => None,
        }
    }
}

/// A format, once `Auto` is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Json,
    Pretty,
}

/// Writes events as lines.
#[derive(Debug)]
pub(crate) struct Lines {
    service: String,
    style: Style,
    colours: bool,
    writer: BoxMakeWriter,
}

impl Lines {
    pub(crate) fn new(service: String, style: Style, writer: BoxMakeWriter) -> Self {
        // By <https://no-color.org> an empty variable does not count.
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            service,
            style,
            colours: style == Style::Pretty && wanted,
            writer,
        }
    }

    /// Writes an event as one line.
    pub(super) fn write(&self, event: &Event<'_>, fields: &Fields) {
        thread_local! {
            static LINE: Cell<String> = const { Cell::new(String::new()) };
        }
        // Taken, not borrowed: a writer may log a line of its own.
        let mut text = LINE.take();
        text.clear();
        self.format(&mut text, event, fields)
            .expect("a string grows, and the clock has a time");
        text.push('\n');
        let mut writer = self.writer.make_writer_for(event.metadata());
        // One write a line, so that lines of several threads never mix. A failed write is ignored:
        // on a full disk it would be reported again for every line.
        drop(writer.write_all(text.as_bytes()));
        if text.capacity() <= Self::KEPT {
            LINE.set(text);
        }
    }

    /// The largest line whose memory is used for the next one, in bytes.
    const KEPT: usize = 4096;

    fn format(&self, out: &mut String, event: &Event<'_>, fields: &Fields) -> fmt::Result {
        let parent = current_span(traceparent);
        let line = Line {
            timestamp: &clock::now()?,
            level: *event.metadata().level(),
            target: fields.target(event),
            service: &self.service,
            fields,
            ids: parent
                .as_deref()
                .map(|parent| (&parent[3..35], &parent[36..52])),
        };
        match self.style {
            Style::Json => json::write(out, &line),
            Style::Pretty => pretty::write(out, &line, self.colours),
        }
    }
}
