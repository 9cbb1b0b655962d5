//! Log records reach the collector with the ids of their spans.

use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt, Tracer};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use tonic_telemetry::{Ledger, Telemetry};
use tracing::instrument::WithSubscriber as _;

use std::time::{Duration, Instant};

use tonic::Status;

use super::steps::{GRACE, telemetry};
use super::throttling::throttled;
use test_support::collector::{Behaviour, Collector};

const ON: [(&str, &str); 2] = [
    ("OTEL_LOGS_EXPORTER", "otlp"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "5"),
];

#[tokio::test]
async fn record_has_the_ids_the_fields_and_no_secret() {
    let collector = Collector::running();
    let telemetry = telemetry(&collector, &ON);
    let cx = Context::new().with_span(telemetry.tracer().start("GetUser"));
    let ids = cx.span().span_context().clone();
    tracing::dispatcher::with_default(&telemetry.subscriber(), || {
        let _active = cx.attach();
        tracing::warn!(target: "user", tries = 3, password = "canary", "not found: a@b.example");
        tracing::debug!("below the level");
    });
    telemetry.shutdown(GRACE).await.expect("nothing is lost");

    let records = collector.records();
    // Within a batch they are sorted by scope.
    let ours = records.iter().find(|(scope, _)| scope == "user");
    let (_, record) = ours.expect("the record has arrived");
    assert_eq!(record.severity_text, "WARN");
    assert_eq!(record.trace_id, ids.trace_id().to_bytes());
    assert_eq!(record.span_id, ids.span_id().to_bytes());
    let text = format!("{record:?}");
    assert!(
        !text.contains("canary") && !text.contains("a@b.example"),
        "{text}"
    );
    let tries = record
        .attributes
        .iter()
        .find(|attribute| attribute.key == "tries");
    let value = tries.and_then(|attribute| attribute.value.clone()?.value);
    assert_eq!(value, Some(Value::IntValue(3)));
    assert!(
        records
            .iter()
            .all(|(_, record)| record.severity_text != "DEBUG"),
        "{records:?}"
    );
}

#[tokio::test]
async fn last_record_is_the_ledger_of_the_spans() {
    let collector = Collector::running();
    let telemetry = telemetry(&collector, &ON);
    let metrics = telemetry.metrics().clone();
    let subscriber = telemetry.subscriber();
    let shutdown = telemetry.shutdown(GRACE).with_subscriber(subscriber);
    shutdown.await.expect("nothing is lost");

    let records = collector.records();
    let (_, last) = records.last().expect("at least one");
    assert!(
        format!("{:?}", last.body).contains("span ledger: started 0 = exported 0"),
        "{last:?}"
    );
    let (_, page) = metrics.encode(None);
    let page = String::from_utf8(page).expect("text");
    let exported = format!(
        "otel_sdk_exporter_log_exported_total{{error_type=\"\"}} {}",
        records.len()
    );
    assert!(page.contains(&exported), "{page}");
}

#[tokio::test]
async fn nothing_is_exported_unless_it_is_asked_for() {
    let collector = Collector::running();
    let telemetry = telemetry(&collector, &[]);
    tracing::dispatcher::with_default(&telemetry.subscriber(), || tracing::info!("only a line"));
    assert_eq!(telemetry.log_ledger().started, 0);
    telemetry.shutdown(GRACE).await.expect("nothing is lost");
    assert_eq!(collector.records(), []);
}

/// Logs one record, and waits until it is no longer queued.
async fn log_and_wait(telemetry: &Telemetry) -> Ledger {
    tracing::dispatcher::with_default(&telemetry.subscriber(), || tracing::info!("a record"));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let ledger = telemetry.log_ledger();
        assert!(ledger.balances(), "{ledger}");
        if ledger.queued == 0 {
            return ledger;
        }
        assert!(Instant::now() < deadline, "never happened: {ledger}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn records_go_the_way_of_spans() {
    let collector = Collector::running();
    let telemetry = telemetry(&collector, &ON);
    collector.behave(Behaviour::Fail(throttled(Duration::from_millis(10)), 8));
    let ledger = log_and_wait(&telemetry).await;
    assert_eq!((ledger.lost(), collector.requests()), (0, 9), "{ledger}");

    collector.behave(Behaviour::Reject(1));
    let ledger = log_and_wait(&telemetry).await;
    assert_eq!(ledger.failed["rejected"], 1, "{ledger}");

    let unknown = Status::unimplemented("no logs here");
    collector.behave(Behaviour::Fail(unknown, 1));
    let ledger = log_and_wait(&telemetry).await;
    assert_eq!(ledger.failed["UNIMPLEMENTED"], 1, "{ledger}");
    telemetry.shutdown(GRACE).await.expect("no span is lost");
}
