use std::{
    sync::mpsc as std_mpsc,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

/// Says when calls are due, at an even rate.
///
/// From a thread of its own: the runtime's timer rounds up to whole milliseconds, which is as much
/// as a whole call takes.
#[derive(Debug)]
pub(crate) struct Pacer {
    due: mpsc::Receiver<Instant>,
    /// Dropped with the pacer: its thread then ends.
    _alive: std_mpsc::Sender<()>,
}

impl Pacer {
    /// Starts now; `total` is how many calls become due, `None` means without end.
    pub(crate) fn start(rate: f64, total: Option<u64>) -> Self {
        // A full channel means that calls wait for a place in flight. Due times come from the
        // schedule and not from the clock, so none is lost by a pacer that waits too.
        let (sender, due) = mpsc::channel(1024);
        let (alive, gone) = std_mpsc::channel();
        let start = Instant::now();
        thread::spawn(move || {
            for index in 0..total.unwrap_or(u64::MAX) {
                let at = start + offset(index, rate);
                let wait = at.saturating_duration_since(Instant::now());
                let cancelled =
                    gone.recv_timeout(wait) == Err(std_mpsc::RecvTimeoutError::Disconnected);
                if cancelled || sender.blocking_send(at).is_err() {
                    return;
                }
            }
        });
        Self { due, _alive: alive }
    }

    /// When the next call is due, at that time; `None` after the last.
    pub(crate) async fn next(&mut self) -> Option<Instant> {
        self.due.recv().await
    }
}

/// When call number `index` is due, from the start.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact for the first 285 million years at one rps"
)]
fn offset(index: u64, rate: f64) -> Duration {
    Duration::try_from_secs_f64(index as f64 / rate).unwrap_or(Duration::MAX / 4)
}

/// Reads a rate: calls a second, from 0 to 100000, fractions allowed.
pub(crate) fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=100_000.0).contains(&rate) => Ok(rate),
        _ => Err("expected calls a second, 0 to 100000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pacer, offset, parse_rate};

    #[test]
    fn calls_are_due_at_an_even_rate() {
        assert_eq!(offset(0, 4.0), Duration::ZERO);
        assert_eq!(offset(1, 4.0), Duration::from_millis(250));
        assert_eq!(offset(3, 0.5), Duration::from_secs(6));
    }

    #[test]
    fn a_rate_is_a_number_of_calls_a_second() {
        assert_eq!(parse_rate("0.5"), Ok(0.5));
        for text in ["", "-1", "NaN", "inf", "1e9", "ten"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn as_many_calls_become_due_as_asked_for_and_none_before_its_time() {
        let mut pacer = Pacer::start(10_000.0, Some(50));
        let mut due = Vec::new();
        while let Some(at) = pacer.next().await {
            assert!(at.elapsed() > Duration::ZERO);
            due.push(at);
        }
        assert_eq!(due.len(), 50);
        assert!(
            due.windows(2)
                .all(|pair| pair[1] - pair[0] == Duration::from_micros(100))
        );
    }
}
