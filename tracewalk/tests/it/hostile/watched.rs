use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::task::JoinHandle;
use tonic::Code;

use crate::support::{Demo, Span, until};

/// The most that the gateway may grow by, which does so with its first calls as well: the largest
/// message asks it to hold 4 GiB.
const MOST_MEMORY: u64 = 48 << 20;

/// A chain with a good caller, who must not notice what the others do.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) demo: Demo,
    memory: u64,
    stop: Arc<AtomicBool>,
    good: JoinHandle<Vec<Code>>,
}

impl Watched {
    pub(crate) async fn start() -> Self {
        let demo = Demo::start().await;
        let mut caller = demo.caller().await;
        assert_eq!(caller.get("1").await.code, Code::Ok);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let good = tokio::spawn(async move {
            let mut codes = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                codes.push(caller.get("1").await.code);
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            codes
        });
        Self {
            memory: memory(&demo).await,
            demo,
            stop,
            good,
        }
    }

    /// The good caller got all its answers, another one can connect, and the memory is bounded.
    /// Returns the spans of the gateway that are not theirs.
    pub(crate) async fn expect_unharmed(mut self) -> Vec<Span> {
        let mut other = self.demo.caller().await;
        assert_eq!(other.get("2").await.code, Code::Ok);
        let now = memory(&self.demo).await;
        let grown = now.saturating_sub(self.memory);
        assert!(grown < MOST_MEMORY, "from {} to {now} bytes", self.memory);
        self.stop.store(true, Ordering::Relaxed);
        let codes = self.good.await.expect("it does not panic");
        let failed = codes.iter().filter(|code| **code != Code::Ok).count();
        assert_eq!(failed, 0, "of {}", codes.len());
        assert_eq!(self.demo.stop().await, [Some(0); 3]);
        let mut spans = self.demo.collector.spans();
        spans.retain(|span| span.service == "gateway" && span.kind == "SERVER");
        let good = codes.len() + 2;
        let is_good = |span: &Span| span.attribute("rpc.response.status_code") == "OK";
        assert_eq!(spans.iter().filter(|span| is_good(span)).count(), good);
        spans.retain(|span| !is_good(span));
        spans
    }
}

/// What the gateway holds, in bytes; waits until it says so.
async fn memory(demo: &Demo) -> u64 {
    until("the gateway says how large it is", async || {
        let metrics = demo.gateway.metrics().await;
        Some(metrics.sum("process_resident_memory_bytes", &[])).filter(|bytes| *bytes > 0)
    })
    .await
}
