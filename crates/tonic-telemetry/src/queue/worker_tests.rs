//! The arithmetic of the queue: a worker and a collector that goes away, on a paused clock.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::shutdown::ShutdownSignal;
use super::{ExportResult, Exporter, Items, Ledger, Limits, Queue, RetryPolicy, Worker};
use crate::env::Variables;

/// The user service at 100 calls a second: a SERVER span, a CLIENT span, its attempt, a query.
const SPANS_PER_SECOND: u64 = 400;

/// As log lines have it.
const ENDPOINT: &str = "http://collector:4317/";

/// From the end of an outage to an empty queue: the longest wait asked for, then all batches.
const LONGEST_RECOVERY: Duration = Duration::from_secs(45);

/// A collector that takes a while for each batch, and is not there for some time.
struct Collector {
    away: Range<Instant>,
    /// The answer while the collector is away.
    answer: ExportResult,
}

impl Exporter<Vec<()>> for Collector {
    type Prepared = ();

    fn prepare(&self, _spans: Vec<()>) {}

    async fn send(&mut self, _batch: &()) -> ExportResult {
        if self.away.contains(&Instant::now()) {
            return self.answer.clone();
        }
        sleep(Duration::from_millis(5)).await;
        ExportResult::Exported { rejected: 0 }
    }
}

/// Ends spans for a second, through an outage, and until the queue is empty again. Returns the
/// most that were queued, and the last ledger.
async fn live_through(
    outage: Duration,
    answer: ExportResult,
    variables: &[(&str, &str)],
) -> (u64, Ledger) {
    const TICK: Duration = Duration::from_millis(10);
    let limits = Limits::of_spans(&Variables::of(variables));
    let queue = Arc::new(Queue::<Items<()>>::new(limits));
    let begin = Instant::now() + Duration::from_secs(1);
    let away = begin..begin + outage;
    let (_closing, receiver) = watch::channel(None);
    let worker = Worker::new(
        Arc::clone(&queue),
        Collector {
            away: away.clone(),
            answer,
        },
        RetryPolicy::with_timeout(Duration::from_secs(10)),
        ShutdownSignal::new(receiver),
        ENDPOINT.to_owned(),
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
        assert!(Instant::now() < away.end + LONGEST_RECOVERY, "{ledger}");
        (0..SPANS_PER_SECOND / 100).for_each(|_| queue.push(()));
        sleep(TICK).await;
    }
}

#[tokio::test(start_paused = true)]
async fn default_queue_survives_a_restart_of_ten_seconds_at_a_hundred_calls_a_second() {
    let (most, ledger) =
        live_through(Duration::from_secs(10), ExportResult::UNREACHABLE, &[]).await;
    assert_eq!(ledger.lost(), 0, "{ledger}");
    // Spans that end in the outage, in the longest pause before the next attempt, and in the wait
    // for a batch that was not full when the outage began; and the four of the last instant.
    assert!((4000..=5160 + 4).contains(&most), "{most}");
}

#[tokio::test(start_paused = true)]
async fn longer_outage_is_counted_to_the_span() {
    let (most, ledger) =
        live_through(Duration::from_secs(60), ExportResult::UNREACHABLE, &[]).await;
    assert_eq!(most, ledger.capacity);
    assert_eq!(
        ledger.dropped["queue_full"],
        ledger.started - ledger.exported
    );
    let (least, largest) = (60 * SPANS_PER_SECOND, 63 * SPANS_PER_SECOND);
    let ended = ledger.lost() + ledger.capacity;
    assert!((least..=largest).contains(&ended), "{ledger}");
}

/// A collector that answers `RESOURCE_EXHAUSTED`, and when it may be asked again.
fn throttled(wait: Duration) -> ExportResult {
    ExportResult::Retryable {
        reason: "RESOURCE_EXHAUSTED",
        wait: Some(wait),
    }
}

#[tokio::test(start_paused = true)]
async fn throttled_batch_never_fails_however_long_the_collector_asks_to_wait() {
    let large = ("OTEL_BSP_MAX_QUEUE_SIZE", "40000");
    // Less than the longest wait that the collector asks for.
    let impatient = ("OTEL_BSP_EXPORT_TIMEOUT", "10000");
    for wait in [0, 1, 15, 30].map(Duration::from_secs) {
        let minute = Duration::from_secs(60);
        let (_, ledger) = live_through(minute, throttled(wait), &[large]).await;
        assert_eq!(ledger.lost(), 0, "{wait:?}: {ledger}");
    }
    let wait = throttled(Duration::from_secs(15));
    let (_, ledger) = live_through(Duration::from_secs(60), wait, &[impatient]).await;
    assert_eq!(ledger.failed_total(), 0, "{ledger}");
    // All dropped spans are those that did not fit into the queue.
    assert_eq!(ledger.dropped_total(), ledger.dropped["queue_full"]);
}

#[tokio::test(start_paused = true)]
async fn absurd_wait_neither_panics_nor_lasts_for_ever() {
    let wait = throttled(Duration::MAX);
    let before = Instant::now();
    let queue = Arc::new(Queue::<Items<()>>::new(Limits::of_spans(&Variables::of(
        &[],
    ))));
    let (_closing, receiver) = watch::channel(None);
    let collector = Collector {
        away: before..before + Duration::from_secs(2),
        answer: wait,
    };
    let retry = RetryPolicy::with_timeout(Duration::from_secs(10));
    queue.push(());
    tokio::spawn(
        Worker::new(
            Arc::clone(&queue),
            collector,
            retry,
            ShutdownSignal::new(receiver),
            ENDPOINT.to_owned(),
        )
        .run(),
    );
    while queue.ledger().exported == 0 {
        assert!(
            before.elapsed() < Duration::from_secs(2 * 60 * 60),
            "{queue:?}"
        );
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_two_log_lines_that_say_where_the_collector_is() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let writer = Mutex::new(log.reopen().unwrap());
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(writer);
    let _default = tracing::subscriber::set_default(subscriber.finish());
    let (_, ledger) = live_through(Duration::from_secs(5), ExportResult::UNREACHABLE, &[]).await;
    assert_eq!(ledger.lost(), 0, "{ledger}");
    let lines = std::fs::read_to_string(log.path()).unwrap();
    let of_collector: Vec<_> = lines
        .lines()
        .filter(|it| it.contains("collector"))
        .collect();
    let [away, back] = of_collector.as_slice() else {
        panic!("{lines}")
    };
    for (line, says) in [(away, "does not take"), (back, "takes telemetry again")] {
        let endpoint = format!("endpoint=\"{ENDPOINT}\"");
        assert!(line.contains(says) && line.contains(&endpoint), "{line}");
    }
}
