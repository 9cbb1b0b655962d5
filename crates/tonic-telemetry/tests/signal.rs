//! A program that a signal ends exports its spans. In a process alone, since a signal reaches all of it.

use std::{future::pending, process::Command, time::Duration};

use opentelemetry_sdk::trace::InMemorySpanExporter;
use tonic_telemetry::{InitError, Options};
use tracing::Instrument as _;

#[tokio::test]
async fn a_program_that_is_asked_to_end_has_its_grace_and_loses_no_span() {
    let exporter = InMemorySpanExporter::default();
    let options = Options::new("job").span_exporter(exporter.clone());
    let options = options.grace(Duration::ZERO);
    let ended = options.run(Duration::from_secs(5), async |_| {
        let work = async {
            let asked = Command::new("sh").args(["-c", "kill -TERM $PPID"]).status();
            assert!(asked.expect("there is a shell").success());
            pending::<Result<(), InitError>>().await
        };
        work.instrument(tracing::info_span!("work")).await
    });
    ended.await.expect("the end by a signal is no error");
    let spans = exporter.get_finished_spans().expect("it is not poisoned");
    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["work"]);
}
