//! A collector that asks for time is given it, and loses nothing.

use std::time::{Duration, Instant};

use test_support::collector::{Behaviour, Collector};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::steps::{end_spans, shut_down, telemetry, until};

/// A status that asks to be left alone for so long.
pub(crate) fn throttled(wait: Duration) -> Status {
    let details = ErrorDetails::with_retry_info(Some(wait));
    Status::with_error_details(Code::ResourceExhausted, "busy", details)
}

#[tokio::test]
async fn exhausted_collector_is_left_alone_for_as_long_as_it_asks() {
    let collector = Collector::running();
    let wait = Duration::from_millis(700);
    collector.behave(Behaviour::Fail(throttled(wait), 1));
    // It asks for more than the longest wait for one answer.
    let telemetry = telemetry(&collector, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "500")]);

    let begin = Instant::now();
    end_spans(&telemetry, 1);
    until(&telemetry, |ledger| ledger.exported == 1).await;
    assert!(begin.elapsed() >= wait, "{:?}", begin.elapsed());
    assert_eq!(shut_down(telemetry).await.lost(), 0);
}

#[tokio::test]
async fn collector_that_throttles_again_and_again_gets_every_span() {
    let collector = Collector::running();
    collector.behave(Behaviour::Fail(throttled(Duration::from_millis(20)), 8));
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 100);
    let ledger = until(&telemetry, |ledger| ledger.queued == 0).await;
    assert_eq!(
        (ledger.exported, collector.requests()),
        (100, 9),
        "{ledger}"
    );
    assert_eq!(shut_down(telemetry).await.lost(), 0);
}

#[tokio::test]
async fn exhausted_collector_that_names_no_wait_has_refused_the_batch() {
    let collector = Collector::running();
    collector.behave(Behaviour::Fail(Status::resource_exhausted("too large"), 1));
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 1);
    let ledger = until(&telemetry, |ledger| ledger.queued == 0).await;
    assert_eq!(ledger.failed["RESOURCE_EXHAUSTED"], 1, "{ledger}");
    shut_down(telemetry).await;
}
