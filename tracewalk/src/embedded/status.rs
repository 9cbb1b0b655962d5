use std::{
    fmt::{self, Display, Formatter},
    io,
    time::Duration,
};

use backends::{Stats, TraceStore, metrics::Prometheus};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::{MissedTickBehavior, interval};

use crate::output::{self, bold};

/// What the embedded backends hold, in one line.
#[derive(Debug)]
pub(crate) struct Status {
    stats: Stats,
    /// Names of alerts.
    firing: Vec<String>,
    /// Targets whose metrics cannot be read, and why.
    down: Vec<String>,
}

impl Status {
    fn of(store: &TraceStore, metrics: &Prometheus) -> Self {
        Self {
            stats: store.stats(),
            firing: metrics.firing(),
            down: metrics.down(),
        }
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let stats = &self.stats;
        write!(f, "{} traces stored ({} spans)", stats.traces, stats.spans)?;
        if stats.evicted_spans > 0 {
            write!(f, " · {} old spans let go", stats.evicted_spans)?;
        }
        if stats.rejected_spans > 0 {
            write!(f, " · {} spans rejected", stats.rejected_spans)?;
        }
        if stats.refused_requests.total() > 0 {
            write!(f, " · {}", stats.refused_requests)?;
        }
        for down in &self.down {
            write!(f, " · target {down}")?;
        }
        if !self.firing.is_empty() {
            write!(f, " · alert: {}", bold(self.firing.join(", ")))?;
        }
        Ok(())
    }
}

/// Prints what `line` makes of the status, for ever: a live line on a terminal, else a line each ten
/// seconds and whenever a target goes down or comes back.
///
/// # Errors
/// When standard output is closed.
pub(crate) async fn report<L: Display>(
    store: &TraceStore,
    metrics: &Prometheus,
    mut line: impl FnMut(Status) -> L,
) -> io::Result<()> {
    let terminal = output::is_terminal().then(|| spinner(""));
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known_down = Vec::new();
    for second in 0_u64.. {
        ticks.tick().await;
        let status = Status::of(store, metrics);
        let is_news = status.down != known_down;
        known_down.clone_from(&status.down);
        let line = line(status);
        match &terminal {
            Some(spinner) => spinner.set_message(output::Printable(line).to_string()),
            None if is_news || (second > 0 && second.is_multiple_of(10)) => output::line(line)?,
            None => {}
        }
    }
    Ok(())
}

/// A line with a sign of life, for a terminal.
pub(crate) fn spinner(message: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner:.cyan} {msg}");
    let style = style.expect("the template is well formed");
    let spinner = ProgressBar::new_spinner()
        .with_style(style)
        .with_message(message);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
