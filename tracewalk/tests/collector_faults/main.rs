//! Whatever the collector does, a service answers, its ledger is exact to the span, and it ends in
//! time and with exit code 0: a collector that is away is no fault of the service.

#[path = "../support/mod.rs"]
mod support;

mod collector;

use std::time::{Duration, Instant};

use collector::{Collector, Fault};
use proto::profile::v1::{GetProfileRequest, profile_service_client::ProfileServiceClient};
use rstest::rstest;
use serde_json::Value;
use support::{Metrics, Process, command, get, until};
use tonic::transport::Channel;

const CALLS: u64 = 100;
/// Each call is one span: profiles in memory are found without a query.
const SPANS: u64 = CALLS;
/// A flush may take 4 s; the rest is for a busy machine.
const LONGEST_END: Duration = Duration::from_secs(15);

/// A profile service, and its last hop to the collector.
struct Service {
    process: Process,
    client: ProfileServiceClient<Channel>,
}

impl Service {
    async fn start(collector: &Collector, workers: &str, queue: u64) -> Self {
        let mut command = command(&["profile", "--listen", "127.0.0.1:0"]);
        command
            .args(["--admin-listen", "127.0.0.1:0", "--log-format", "json"])
            .args(["--database-url", "memory:"])
            .env("TOKIO_WORKER_THREADS", workers)
            .env("OTEL_BSP_MAX_QUEUE_SIZE", queue.to_string())
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
        let process = Process::start("profile", command);
        let address = process.address("grpc").await;
        let client = ProfileServiceClient::connect(format!("http://{address}")).await;
        Self {
            process,
            client: client.expect("the service accepts connections"),
        }
    }

    /// Makes the calls one after the other; answers the longest of them.
    async fn call(&mut self) -> Duration {
        let mut longest = Duration::ZERO;
        for _ in 0..CALLS {
            let begin = Instant::now();
            let request = GetProfileRequest {
                user_id: "1".to_owned(),
            };
            let answer = self.client.get_profile(request).await;
            answer.expect("the profile exists");
            longest = longest.max(begin.elapsed());
        }
        longest
    }

    async fn books(&self) -> Books {
        let admin = self.process.address("admin").await;
        Books::scrape(&get(&format!("http://{admin}/metrics")).await.body)
    }

    /// Stops it by a signal, and reads its last line.
    async fn stop(mut self) -> Value {
        let begin = Instant::now();
        self.process.signal("TERM").await;
        assert_eq!(self.process.ended().await, Some(0), "{:#?}", self.process);
        assert!(begin.elapsed() < LONGEST_END, "{:?}", begin.elapsed());
        self.process.event("started").await
    }
}

/// The ledger as `/metrics` has it.
#[derive(Debug, PartialEq, Eq)]
struct Books {
    started: u64,
    exported: u64,
    failed: u64,
    dropped: u64,
    queued: u64,
}

impl Books {
    fn scrape(page: &str) -> Self {
        let metrics = Metrics::parse(page);
        let sum = |name: &str| metrics.sum(name, &[]);
        let of = |name: &str| (sum(name), metrics.sum(name, &[("error_type", "")]));
        let (sent, exported) = of("otel_sdk_exporter_span_exported_total");
        let (processed, taken) = of("otel_sdk_processor_span_processed_total");
        let books = Self {
            started: sum("otel_sdk_span_started_total"),
            exported,
            failed: sent - exported,
            dropped: processed - taken,
            queued: sum("otel_sdk_processor_span_queue_size"),
        };
        let Self {
            started,
            exported,
            failed,
            dropped,
            queued,
        } = books;
        assert_eq!(started, exported + failed + dropped + queued, "{books:?}");
        books
    }
}

#[rstest]
#[tokio::test]
async fn service_answers_counts_every_span_and_ends_in_time(
    #[values(
        Fault::None,
        Fault::Absent,
        Fault::Hung,
        Fault::Slow,
        Fault::Refuses,
        Fault::RejectsOne,
        Fault::Garbage
    )]
    fault: Fault,
    #[values("1", "4")] workers: &str,
) {
    let collector = Collector::start(fault);
    let mut service = Service::start(&collector, workers, 8192).await;
    let longest = service.call().await;
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    let books = until("all spans have ended", async || {
        Some(service.books().await).filter(|books| books.started == SPANS)
    })
    .await;
    assert_eq!(books.dropped, 0, "{books:?}");

    let last = service.stop().await;
    assert_eq!(
        (&last["started"], &last["queued"]),
        (&SPANS.into(), &0.into())
    );
    // Those that it rejects arrive as well.
    let rejected = last["failed"]
        .as_u64()
        .filter(|_| fault == Fault::RejectsOne);
    let kept = collector.arrived() - rejected.unwrap_or(0);
    assert_eq!(last["exported"], kept, "{last}");
    let lost = last["failed"].as_u64().zip(last["dropped"].as_u64());
    assert_eq!(
        lost.map(|(failed, dropped)| failed + dropped),
        Some(SPANS - kept)
    );
    let expected = if fault.loses_everything() {
        0
    } else {
        kept.max(1)
    };
    assert_eq!(kept, expected, "{last}");
    // The warning is for what the shutdown lost; what was refused before is no news in it.
    let warns = last["level"] == "WARN";
    assert_eq!(warns, !last["lost"].is_null(), "{last}");
    assert!(warns || !fault.keeps_the_queue_full(), "{last}");
    assert!(!warns || kept < SPANS, "{last}");
}

#[tokio::test]
async fn full_queue_drops_and_counts_and_the_service_answers() {
    const QUEUE: u64 = 16;
    let collector = Collector::start(Fault::Hung);
    let mut service = Service::start(&collector, "1", QUEUE).await;
    service.call().await;
    let books = until("all spans have ended", async || {
        Some(service.books().await).filter(|books| books.started == SPANS)
    })
    .await;
    assert_eq!((books.queued, books.dropped), (QUEUE, SPANS - QUEUE));
    let last = service.stop().await;
    assert_eq!(
        (&last["lost"], &last["dropped"]),
        (&QUEUE.into(), &SPANS.into())
    );
}

#[tokio::test]
async fn collector_that_dies_and_comes_back_gets_every_span() {
    let mut collector = Collector::start(Fault::None);
    let mut service = Service::start(&collector, "1", 8192).await;
    for round in 1..=3 {
        service.call().await;
        collector.kill();
        service.call().await;
        collector.restart();
        until("every span has arrived", async || {
            let books = service.books().await;
            (books.exported == round * 2 * SPANS).then_some(())
        })
        .await;
    }
    let last = service.stop().await;
    assert_eq!((&last["failed"], &last["dropped"]), (&0.into(), &0.into()));
    assert_eq!(last["exported"], collector.arrived());
}
