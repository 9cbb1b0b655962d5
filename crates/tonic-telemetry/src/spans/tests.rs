//! Which spans of `tracing` are exported.

use std::io;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData, SpanExporter};
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::{LogFormat, Options, Telemetry};

pub(super) const GRACE: Duration = Duration::from_secs(10);

/// Telemetry of its own, whose spans a test can look at.
pub(super) fn telemetry(exporter: impl SpanExporter + 'static) -> Telemetry {
    Options::new("test")
        .log_format(LogFormat::Off)
        .span_exporter(exporter)
        .variables(|name| (name == "OTEL_BSP_SCHEDULE_DELAY").then(|| "1".to_owned()))
        .start()
        .expect("the variables are understood")
}

#[tokio::test]
async fn a_span_is_exported_whatever_its_crate_is_called() {
    let exporter = InMemorySpanExporter::default();
    let telemetry = telemetry(exporter.clone());

    tracing::dispatcher::with_default(&telemetry.subscriber(), || {
        tracing::info_span!(target: "hyperswitch::router", "a").in_scope(|| ());
        tracing::info_span!(target: "tonic_shop", "b").in_scope(|| ());
        tracing::info_span!(target: "towers_api", "c").in_scope(|| ());
        tracing::info_span!(target: "h2o_model", "d").in_scope(|| ());
        tracing::info_span!(target: "tower_http::trace::make_span", "e").in_scope(|| ());
        tracing::info_span!(target: "h2", "f").in_scope(|| ());
    });

    telemetry.shutdown(GRACE).await.expect("nothing is lost");
    let spans = exporter.get_finished_spans().expect("it is not poisoned");
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn the_layers_work_in_a_subscriber_of_the_program() {
    let exporter = InMemorySpanExporter::default();
    let telemetry = telemetry(exporter.clone());
    let (sender, written) = mpsc::channel();
    let own = tracing_subscriber::fmt::layer().with_writer(move || Pipe(sender.clone()));
    let subscriber = tracing_subscriber::registry()
        .with(telemetry.span_layer())
        .with(telemetry.log_layer())
        .with(own.with_filter(LevelFilter::WARN));

    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("work").in_scope(|| {
            tracing::warn!(target: "access", "door opened"); // no line of the access log
            tracing::warn!("slow");
        });
    });

    telemetry.shutdown(GRACE).await.expect("nothing is lost");
    let spans = exporter.get_finished_spans().expect("it is not poisoned");
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].events.len(), 2, "{:?}", spans[0].events);
    for text in ["door opened", "slow"] {
        let line = written.recv().expect("there is a line");
        assert!(String::from_utf8_lossy(&line).contains(text));
    }
}

/// Hands on what is written.
struct Pipe(mpsc::Sender<Vec<u8>>);

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes spans for each batch, as a connection to a collector could.
#[derive(Debug)]
struct Noisy(Arc<OnceLock<Dispatch>>);

impl SpanExporter for Noisy {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        let dispatch = self.0.get().expect("it is set before the first span");
        tracing::dispatcher::with_default(dispatch, || {
            tracing::info_span!("connection").in_scope(|| {
                tracing::info_span!(parent: None, "frame").in_scope(|| ());
            });
        });
        Ok(())
    }
}

#[tokio::test]
async fn spans_of_the_exporter_are_not_exported() {
    let dispatch = Arc::new(OnceLock::new());
    let telemetry = telemetry(Noisy(Arc::clone(&dispatch)));
    let dispatch = dispatch.get_or_init(|| telemetry.subscriber());

    tracing::dispatcher::with_default(dispatch, || {
        tracing::info_span!("work").in_scope(|| ());
    });
    let deadline = Instant::now() + GRACE;
    while telemetry.ledger().exported == 0 {
        assert!(Instant::now() < deadline, "{}", telemetry.ledger());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    let ledger = telemetry.shutdown(GRACE).await.expect("nothing is lost");
    assert_eq!((ledger.started, ledger.exported), (1, 1), "{ledger}");
}
