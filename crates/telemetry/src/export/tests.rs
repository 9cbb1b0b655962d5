//! The arithmetic of the queue: a worker and a collector that goes away, on a paused clock.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::closing::Closings;
use super::{Destination, Ledger, Limits, Outcome, Pace, Queue, Worker, failure};
use crate::init::Variables;

/// The user service at 100 calls a second: a SERVER span, a CLIENT span, its attempt, a query.
const SPANS_PER_SECOND: u64 = 400;

/// A collector that takes a while for each batch, and is not there for some time.
struct Collector {
    away: Range<Instant>,
}

impl Destination<()> for Collector {
    type Batch = ();

    fn prepare(&self, _spans: Vec<()>) {}

    async fn send(&mut self, _batch: &mut ()) -> Outcome {
        if self.away.contains(&Instant::now()) {
            return failure::UNREACHABLE;
        }
        sleep(Duration::from_millis(5)).await;
        Outcome::Delivered { rejected: 0 }
    }
}

/// Ends spans for a second, through an outage, and until the queue is empty again. Answers the
/// most that were queued, and the last books.
async fn live_through(outage: Duration) -> (u64, Ledger) {
    const TICK: Duration = Duration::from_millis(10);
    let limits = Limits::of_spans(&Variables::of(&[])).expect("the defaults are limits");
    let queue = Arc::new(Queue::new(limits));
    let begin = Instant::now() + Duration::from_secs(1);
    let away = begin..begin + outage;
    let (_closing, receiver) = watch::channel(None);
    let worker = Worker::new(
        Arc::clone(&queue),
        Collector { away: away.clone() },
        Pace::patient(Duration::from_secs(10)),
        Closings::new(receiver),
    );
    tokio::spawn(worker.run());
    let mut most = 0;
    loop {
        let ledger = queue.ledger();
        assert!(ledger.balances(), "{ledger}");
        most = most.max(ledger.queued);
        if away.end < Instant::now() && ledger.queued == 0 {
            return (most, ledger);
        }
        assert!(
            Instant::now() < away.end + Duration::from_secs(30),
            "{ledger}"
        );
        (0..SPANS_PER_SECOND / 100).for_each(|_| queue.push(()));
        sleep(TICK).await;
    }
}

#[tokio::test(start_paused = true)]
async fn default_queue_survives_a_restart_of_ten_seconds_at_a_hundred_calls_a_second() {
    let (most, ledger) = live_through(Duration::from_secs(10)).await;
    assert_eq!(ledger.lost(), 0, "{ledger}");
    // What ends in the outage, in the longest pause before the next attempt, and in the wait for a
    // batch that was not full when the outage began; and what ends at that very instant.
    assert!((4000..=5160 + 4).contains(&most), "{most}");
}

#[tokio::test(start_paused = true)]
async fn longer_outage_is_counted_to_the_span() {
    let (most, ledger) = live_through(Duration::from_mins(1)).await;
    assert_eq!(most, ledger.capacity);
    assert_eq!(
        ledger.dropped["queue_full"],
        ledger.started - ledger.exported
    );
    let (least, largest) = (60 * SPANS_PER_SECOND, 63 * SPANS_PER_SECOND);
    let ended = ledger.lost() + ledger.capacity;
    assert!((least..=largest).contains(&ended), "{ledger}");
}
