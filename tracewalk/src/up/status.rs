use std::{collections::VecDeque, io, time::Instant};

use backends::{TraceStore, metrics::Prometheus};

use super::traffic::Counts;
use crate::embedded;

/// Over how many seconds the rate is taken.
const WINDOW: usize = 10;

/// Prints the state of the stack for ever: a live line on a terminal, else a line each ten seconds.
pub(super) async fn report(
    counts: &Counts,
    store: &TraceStore,
    metrics: &Prometheus,
) -> io::Result<()> {
    let mut rate = Rate::default();
    embedded::report(store, metrics, |status| {
        let rps = rate.update(counts.calls());
        format!("{rps:.1} calls/s · {} errors · {status}", counts.errors())
    })
    .await
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
