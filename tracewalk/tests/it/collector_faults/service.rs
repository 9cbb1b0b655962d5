use std::time::{Duration, Instant};

use proto::profile::v1::{GetProfileRequest, profile_service_client::ProfileServiceClient};
use serde_json::Value;
use test_support::collector::Collector;
use tonic::transport::Channel;

use crate::support::{Ledger, Process, until};

/// A flush may take 4 s; the rest is for a busy machine.
const LONGEST_END: Duration = Duration::from_secs(15);

/// A profile service. Each call is one span: profiles in memory are found without a query.
pub(crate) struct Service {
    process: Process,
    client: ProfileServiceClient<Channel>,
}

impl Service {
    pub(crate) async fn start(collector: &Collector, workers: &str, queue: u64) -> Self {
        let words = ["--log-format", "json", "--database-url", "memory:"];
        let variables = [
            ("TOKIO_WORKER_THREADS", workers),
            ("OTEL_BSP_MAX_QUEUE_SIZE", &queue.to_string()),
        ];
        let process = Process::service("profile", &collector.endpoint(), &words, &variables);
        let address = process.address("grpc").await;
        let client = ProfileServiceClient::connect(format!("http://{address}")).await;
        Self {
            process,
            client: client.expect("the service accepts connections"),
        }
    }

    /// Makes a call; answers how long it took.
    pub(crate) async fn call(&mut self) -> Duration {
        let begin = Instant::now();
        let request = GetProfileRequest {
            user_id: "1".to_owned(),
        };
        let answer = self.client.get_profile(request).await;
        answer.expect("the profile exists");
        begin.elapsed()
    }

    /// Makes so many calls, one after the other.
    pub(crate) async fn call_times(&mut self, calls: u64) {
        for _ in 0..calls {
            self.call().await;
        }
    }

    /// The ledger, once so many spans have ended.
    pub(crate) async fn ledger(&self, started: u64) -> Ledger {
        until("all spans have ended", async || {
            let ledger = Ledger::of(&self.process).await;
            Some(ledger).filter(|ledger| ledger.started == started)
        })
        .await
    }

    /// Waits until the collector has had so many spans.
    pub(crate) async fn exported(&self, spans: u64) {
        until("every span has arrived", async || {
            let ledger = Ledger::of(&self.process).await;
            (ledger.exported == spans).then_some(())
        })
        .await;
    }

    /// Stops it by a signal, and reads its last line.
    pub(crate) async fn stop(mut self) -> Value {
        let begin = Instant::now();
        self.process.signal("TERM").await;
        assert_eq!(self.process.ended().await, Some(0), "{:#?}", self.process);
        assert!(begin.elapsed() < LONGEST_END, "{:?}", begin.elapsed());
        self.process.event("started").await
    }
}
