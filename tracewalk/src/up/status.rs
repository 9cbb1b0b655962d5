use std::{
    collections::VecDeque,
    fmt::{self, Display, Formatter},
    io,
    time::{Duration, Instant},
};

use backends::{RefusedRequests, TraceStore, metrics::Prometheus};
use tokio::time::{MissedTickBehavior, interval};

use super::{progress::spinner, traffic::Counts};
use crate::output::{self, bold};

/// Over how many seconds the rate is taken.
const WINDOW: usize = 10;

/// Prints the state of the stack for ever: a live line on a terminal, else a line each ten seconds.
pub(super) async fn report(
    counts: &Counts,
    store: &TraceStore,
    metrics: &Prometheus,
) -> io::Result<()> {
    let terminal = output::is_terminal().then(|| spinner(""));
    let mut rate = Rate::default();
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for second in 0_u64.. {
        ticks.tick().await;
        let stats = store.stats();
        let line = Line {
            rps: rate.update(counts.calls()),
            errors: counts.errors(),
            traces: stats.traces,
            spans: stats.spans,
            evicted: stats.evicted_spans,
            rejected: stats.rejected_spans,
            refused: stats.refused_requests,
            firing: metrics.firing(),
        };
        match &terminal {
            Some(spinner) => spinner.set_message(output::Printable(line).to_string()),
            None if second > 0 && second.is_multiple_of(10) => output::line(line)?,
            None => {}
        }
    }
    Ok(())
}

#[derive(Debug)]
struct Line {
    rps: f64,
    errors: u64,
    traces: usize,
    spans: usize,
    evicted: u64,
    rejected: u64,
    refused: RefusedRequests,
    /// Names of alerts.
    firing: Vec<String>,
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            rps,
            errors,
            traces,
            spans,
            evicted,
            rejected,
            refused,
            firing,
        } = self;
        write!(
            f,
            "{rps:.1} calls/s · {errors} errors · {traces} traces stored ({spans} spans)"
        )?;
        if *evicted > 0 {
            write!(f, " · {evicted} old spans let go")?;
        }
        if *rejected > 0 {
            write!(f, " · {rejected} spans rejected")?;
        }
        if refused.total() > 0 {
            write!(f, " · {refused}")?;
        }
        if !firing.is_empty() {
            write!(f, " · alert: {}", bold(firing.join(", ")))?;
        }
        Ok(())
    }
}

/// Calls a second over the last seconds.
#[derive(Debug, Default)]
struct Rate {
    seen: VecDeque<(Instant, u64)>,
}

impl Rate {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of calls are far below 2^52"
    )]
    fn update(&mut self, calls: u64) -> f64 {
        let now = Instant::now();
        self.seen.push_back((now, calls));
        if self.seen.len() > WINDOW {
            self.seen.pop_front();
        }
        match self.seen.front() {
            Some((then, before)) if *then < now => {
                (calls - before) as f64 / (now - *then).as_secs_f64()
            }
            _ => 0.0,
        }
    }
}
