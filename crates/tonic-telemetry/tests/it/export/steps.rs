//! What the tests do over and over.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use opentelemetry::trace::{Span, Tracer};
use test_support::collector::Collector;
use tonic_telemetry::{Ledger, LogFormat, Options, ShutdownError, Telemetry};

/// How long a test waits for what must happen.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// How long a shutdown may take.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

pub(crate) async fn shut_down(telemetry: Telemetry) -> Ledger {
    let ledger = telemetry.shutdown(GRACE).await.expect("nothing is lost");
    assert!(ledger.balances() && ledger.queued == 0, "{ledger}");
    ledger
}

/// Shuts down a telemetry that must lose spans, and returns its last ledger.
pub(crate) async fn lose(telemetry: Telemetry, grace: Duration, expected: u64) -> Ledger {
    let begin = Instant::now();
    let error = telemetry.shutdown(grace).await.expect_err("spans are lost");
    assert!(
        begin.elapsed() < grace + Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    let ShutdownError::Lost { lost, ledger } = error else {
        panic!("{error}")
    };
    assert_eq!(lost, expected, "{ledger}");
    assert!(ledger.balances() && ledger.queued == 0, "{ledger}");
    *ledger
}

/// Telemetry of its own that exports to this address without delay.
pub(crate) fn options(address: SocketAddr, variables: &[(&'static str, &'static str)]) -> Options {
    let variables = variables.to_vec();
    Options::new("test")
        .log_format(LogFormat::Off)
        .variables(move |name| {
            let set = variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value);
            match (name, set) {
                (_, Some(value)) => Some(value.to_owned()),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", None) => Some(format!("http://{address}")),
                ("OTEL_BSP_SCHEDULE_DELAY", None) => Some("5".to_owned()),
                _ => None,
            }
        })
}

/// Telemetry that exports to this collector, with these further variables.
pub(crate) fn telemetry(
    collector: &Collector,
    variables: &[(&'static str, &'static str)],
) -> Telemetry {
    options(collector.address(), variables)
        .start()
        .expect("the variables are understood")
}

pub(crate) fn end_spans(telemetry: &Telemetry, count: usize) {
    for _ in 0..count {
        telemetry.tracer().start("work").end();
    }
}

/// Waits until the ledger says so; every reading on the way must balance.
pub(crate) async fn until(telemetry: &Telemetry, claim: impl Fn(&Ledger) -> bool) -> Ledger {
    let deadline = Instant::now() + MAX_WAIT;
    loop {
        let ledger = telemetry.ledger();
        assert!(ledger.balances(), "{ledger}");
        if claim(&ledger) {
            return ledger;
        }
        assert!(Instant::now() < deadline, "never happened: {ledger}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
