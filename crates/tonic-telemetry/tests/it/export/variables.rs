//! Variables of a developer's shell that are not understood keep nothing from starting.

use std::io;
use std::sync::{Arc, Mutex};

use tonic_telemetry::{LogFormat, Options};
use tracing_subscriber::fmt::MakeWriter;

use super::steps::{end_spans, options, shut_down};
use test_support::collector::Collector;

/// The lines that were written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().expect("nothing panics with this lock");
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        let lines = self.0.lock().expect("nothing panics with this lock");
        String::from_utf8_lossy(&lines).into_owned()
    }

    fn of(&self, options: Options) -> Options {
        options.log_format(LogFormat::Json).log_writer(self.clone())
    }
}

#[tokio::test]
async fn each_that_is_not_understood_is_one_warning_and_spans_arrive_all_the_same() {
    const FOREIGN: [(&str, &str); 12] = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_PROPAGATORS", "tracecontext,b3multi"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_SDK_DISABLED", "1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "many"),
        ("OTEL_RESOURCE_ATTRIBUTES", "no pair"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "-1"),
        ("OTEL_LOG_LEVEL", "debug"),
    ];
    let (collector, lines) = (Collector::running(), Lines::default());
    let telemetry = lines.of(options(collector.address(), &FOREIGN)).start();
    let telemetry = telemetry.expect("none of them is an error");
    end_spans(&telemetry, 10);
    assert_eq!(shut_down(telemetry).await.exported, 10);

    let text = lines.text();
    let warnings: Vec<_> = text
        .lines()
        .filter(|line| line.contains(r#""level":"WARN""#))
        .collect();
    assert_eq!(warnings.len(), FOREIGN.len(), "{text}");
    for (name, _) in FOREIGN {
        let named = warnings.iter().filter(|line| line.contains(name));
        assert_eq!(named.count(), 1, "{name}: {text}");
    }
}

#[tokio::test]
async fn those_in_another_case_are_understood() {
    const SHOUTED: [(&str, &str); 7] = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "GRPC"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "Gzip"),
        ("OTEL_TRACES_EXPORTER", "OTLP"),
        ("OTEL_METRICS_EXPORTER", "Prometheus"),
        ("OTEL_PROPAGATORS", "TRACECONTEXT"),
        ("OTEL_TRACES_SAMPLER", "ALWAYS_ON"),
        ("OTEL_SDK_DISABLED", "FALSE"),
    ];
    let (collector, lines) = (Collector::running(), Lines::default());
    let telemetry = lines.of(options(collector.address(), &SHOUTED)).start();
    let telemetry = telemetry.expect("they are understood");
    end_spans(&telemetry, 10);
    assert_eq!(shut_down(telemetry).await.exported, 10);
    assert!(!lines.text().contains("WARN"), "{}", lines.text());
}
