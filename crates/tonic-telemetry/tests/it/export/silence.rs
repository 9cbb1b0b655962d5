//! Telemetry makes no telemetry about itself, even where every log line is on.

use tonic_telemetry::LogFormat;

use super::steps::{GRACE, end_spans, options, until};
use test_support::collector::Collector;

/// It becomes the subscriber of the whole process, and so of the collectors of all tests too.
#[tokio::test]
async fn exporter_makes_no_spans_of_its_own() {
    let collector = Collector::running();
    let telemetry = options(collector.address(), &[("RUST_LOG", "trace")])
        .log_format(LogFormat::Json)
        .log_writer(std::io::sink)
        .init()
        .expect("the process has no subscriber yet");
    let error = options(collector.address(), &[]).init();
    let error = error.expect_err("there is one already").to_string();
    assert!(error.contains("`Options::start`"), "{error}");
    // Each export uses the connection, whose libraries would make spans at this level.
    for exported in 1..=20 {
        end_spans(&telemetry, 1);
        until(&telemetry, |ledger| ledger.exported >= exported).await;
    }
    let ledger = telemetry.shutdown(GRACE).await.expect("no loss");
    assert_eq!((ledger.started, collector.spans()), (20, 20));
}
