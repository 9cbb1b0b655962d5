//! On every kind of runtime, and whatever the collector does, the shutdown is in time.

use std::time::{Duration, Instant};

use tonic_telemetry::ShutdownError;

use super::steps::{GRACE, end_spans, lose, shut_down, telemetry, until};
use test_support::collector::{Behaviour, Collector};

#[tokio::test]
async fn healthy_collector_gets_every_span_at_the_latest_in_the_shutdown() {
    let collector = Collector::running();
    let telemetry = telemetry(&collector, &[("OTEL_BSP_SCHEDULE_DELAY", "3600000")]);
    end_spans(&telemetry, 2000);
    let ledger = shut_down(telemetry).await;
    assert_eq!(
        (ledger.started, ledger.exported, collector.spans()),
        (2000, 2000, 2000)
    );
}

#[tokio::test]
async fn hung_collector_holds_the_shutdown_no_longer_than_the_grace() {
    let collector = Collector::running();
    collector.behave(Behaviour::Hang);
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 10);
    until(&telemetry, |_| collector.requests() == 1).await;

    let ledger = lose(telemetry, Duration::from_secs(1), 10).await;
    assert_eq!(ledger.dropped["shutdown"], 10);
}

#[tokio::test]
async fn collector_that_is_gone_is_given_up_long_before_the_grace_is_over() {
    let telemetry = telemetry(&Collector::absent(), &[]);
    end_spans(&telemetry, 600);
    let begin = Instant::now();
    let ledger = lose(telemetry, Duration::from_secs(60), 600).await;
    assert_eq!(ledger.dropped["shutdown"], 600);
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn one_thread_is_enough_for_the_program_and_the_shutdown() {
    let collector = Collector::running();
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().expect("a runtime");
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 1000);
    let ledger = runtime.block_on(shut_down(telemetry));
    assert_eq!((ledger.exported, collector.spans()), (1000, 1000));
}

#[test]
fn the_only_worker_may_shut_down_from_a_task() {
    let collector = Collector::running();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 1000);
    let task = runtime.spawn(shut_down(telemetry));
    let ledger = runtime.block_on(task).expect("the task does not panic");
    assert_eq!((ledger.exported, collector.spans()), (1000, 1000));
}

#[tokio::test]
async fn paused_clock_of_a_test_does_not_end_the_shutdown_early() {
    let collector = Collector::running();
    collector.behave(Behaviour::Slow(Duration::from_millis(100)));
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 10);
    tokio::time::pause();
    assert_eq!(shut_down(telemetry).await.exported, 10);
}

#[tokio::test]
async fn span_that_ends_after_the_shutdown_began_is_counted() {
    let collector = Collector::running();
    let telemetry = telemetry(&collector, &[]);
    let tracer = telemetry.tracer().clone();
    let span = opentelemetry::trace::Tracer::start(&tracer, "late");
    let metrics = telemetry.metrics().clone();
    collector.behave(Behaviour::Slow(Duration::from_millis(300)));
    end_spans(&telemetry, 1);
    let shutdown = tokio::spawn(telemetry.shutdown(GRACE));
    let deadline = Instant::now() + GRACE;
    while collector.requests() == 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(span);
    let ended = shutdown.await.expect("the task does not panic");
    let ledger = match ended {
        Ok(ledger) => ledger,
        Err(ShutdownError::Lost { ledger, .. }) => *ledger,
        Err(error) => panic!("{error}"),
    };
    assert!(ledger.balances() && ledger.started == 2, "{ledger}");
    let (_, page) = metrics.encode(None);
    let page = String::from_utf8(page).expect("text");
    assert!(page.contains("otel_sdk_span_started_total 2"), "{page}");
}

#[tokio::test]
async fn telemetry_that_is_switched_off_records_nothing_and_says_so() {
    let collector = Collector::running();
    for variable in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
    ] {
        let telemetry = telemetry(&collector, &[variable]);
        end_spans(&telemetry, 10);
        let ledger = shut_down(telemetry).await;
        assert_eq!(
            (ledger.started, collector.requests()),
            (0, 0),
            "{variable:?}"
        );
    }
}
