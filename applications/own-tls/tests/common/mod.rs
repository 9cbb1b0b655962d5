//! Telemetry beside an application's TLS.

use std::time::Duration;

use tonic_telemetry::{InitError, LogFormat, Options, Telemetry};

pub const GRACE: Duration = Duration::from_secs(30);

pub fn telemetry(collector: &str) -> Result<Telemetry, InitError> {
    let collector = collector.to_owned();
    Options::new("own-tls")
        .log_format(LogFormat::Off)
        .variables(move |name| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| collector.clone()))
        .start()
}
