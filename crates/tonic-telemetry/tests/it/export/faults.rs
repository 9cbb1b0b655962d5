//! Whatever the collector does, the ledger is exact to the span.

use std::time::Duration;

use test_support::collector::{Behaviour, Collector};
use tonic::{Code, Status};

use super::steps::{GRACE, end_spans, lose, options, shut_down, telemetry, until};

#[tokio::test]
async fn collector_that_comes_late_gets_what_was_queued() {
    let mut collector = Collector::absent();
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 100);
    until(&telemetry, |ledger| ledger.queued == 100).await;

    collector.start();
    until(&telemetry, |ledger| ledger.exported == 100).await;
    assert_eq!(shut_down(telemetry).await.lost(), 0);
    assert_eq!(collector.spans(), 100);
}

#[tokio::test]
async fn restart_of_the_collector_loses_nothing() {
    let mut collector = Collector::running();
    let telemetry = telemetry(&collector, &[]);
    end_spans(&telemetry, 50);
    until(&telemetry, |ledger| ledger.exported == 50).await;

    collector.kill();
    end_spans(&telemetry, 3000);
    until(&telemetry, |ledger| ledger.queued == 3000).await;
    collector.start();
    until(&telemetry, |ledger| ledger.exported == 3050).await;
    assert_eq!(shut_down(telemetry).await.lost(), 0);
    assert_eq!(collector.spans(), 3050);
}

#[tokio::test]
async fn slow_collector_gets_every_span() {
    let collector = Collector::running();
    collector.behave(Behaviour::Slow(Duration::from_millis(200)));
    let telemetry = telemetry(&collector, &[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100")]);
    end_spans(&telemetry, 500);
    assert_eq!(shut_down(telemetry).await.exported, 500);
    assert_eq!(collector.spans(), 500);
}

#[tokio::test]
async fn answer_that_does_not_come_is_asked_for_again() {
    let collector = Collector::running();
    collector.behave(Behaviour::Hang);
    let telemetry = telemetry(&collector, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "100")]);
    end_spans(&telemetry, 10);
    until(&telemetry, |_| collector.requests() >= 2).await;

    collector.behave(Behaviour::Accept);
    until(&telemetry, |ledger| ledger.exported == 10).await;
    assert_eq!(shut_down(telemetry).await.lost(), 0);
}

#[tokio::test]
async fn refused_batch_is_counted_and_not_sent_again() {
    let collector = Collector::running();
    collector.behave(Behaviour::Fail(Status::new(Code::InvalidArgument, "no"), 1));
    let telemetry = telemetry(&collector, &[("OTEL_BSP_SCHEDULE_DELAY", "3600000")]);
    end_spans(&telemetry, 512);
    until(&telemetry, |ledger| ledger.failed_total() == 512).await;
    end_spans(&telemetry, 512);
    let ledger = until(&telemetry, |ledger| ledger.exported == 512).await;
    assert_eq!(
        (ledger.failed["INVALID_ARGUMENT"], collector.requests()),
        (512, 2)
    );
    // What was lost before the shutdown is no news in the shutdown.
    shut_down(telemetry).await;
}

#[tokio::test]
async fn rejected_part_of_a_batch_counts_as_failed() {
    let collector = Collector::running();
    collector.behave(Behaviour::Reject(3));
    let telemetry = telemetry(&collector, &[("OTEL_BSP_SCHEDULE_DELAY", "3600000")]);
    end_spans(&telemetry, 512);
    let ledger = until(&telemetry, |ledger| ledger.queued == 0).await;
    assert_eq!((ledger.exported, ledger.failed["rejected"]), (509, 3));
    shut_down(telemetry).await;
}

#[tokio::test]
async fn full_queue_counts_each_span_that_it_does_not_take() {
    let collector = Collector::running();
    collector.behave(Behaviour::Hang);
    let telemetry = telemetry(&collector, &[("OTEL_BSP_MAX_QUEUE_SIZE", "64")]);
    end_spans(&telemetry, 1000);
    let ledger = telemetry.ledger();
    assert_eq!((ledger.queued, ledger.dropped["queue_full"]), (64, 936));

    let ledger = lose(telemetry, Duration::from_secs(1), 64).await;
    assert_eq!(
        (ledger.dropped["queue_full"], ledger.dropped["shutdown"]),
        (936, 64)
    );
}

#[tokio::test]
async fn garbage_instead_of_an_answer_does_no_harm() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("the listener is bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let garbage = vec![0x5a; 1 << 20];
            // The other side hangs up in the middle of it.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &garbage).await;
        }
    });
    let telemetry = options(address, &[])
        .start()
        .expect("the variables are understood");
    end_spans(&telemetry, 20);
    assert_eq!(lose(telemetry, GRACE, 20).await.lost(), 20);
}

#[tokio::test]
async fn books_balance_at_every_instant_of_a_storm() {
    let mut collector = Collector::running();
    let telemetry = telemetry(
        &collector,
        &[
            ("OTEL_BSP_MAX_QUEUE_SIZE", "256"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "32"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "100"),
        ],
    );
    let weather = [
        Behaviour::Accept,
        Behaviour::Hang,
        Behaviour::Reject(5),
        Behaviour::Fail(Status::internal("no"), 3),
        Behaviour::Slow(Duration::from_millis(20)),
        Behaviour::Fail(Status::unavailable("later"), 2),
    ];
    for behaviour in weather {
        collector.behave(behaviour);
        for _ in 0..20 {
            end_spans(&telemetry, 31);
            let ledger = telemetry.ledger();
            assert!(ledger.balances(), "{ledger}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        collector.kill();
        collector.start();
    }
    collector.behave(Behaviour::Accept);
    let ledger = until(&telemetry, |ledger| ledger.queued == 0).await;
    assert_eq!(ledger.started, 6 * 20 * 31);
    assert_eq!(shut_down(telemetry).await.started, ledger.started);
}
