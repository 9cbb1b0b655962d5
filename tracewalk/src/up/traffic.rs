use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tonic::Code;

use crate::{
    client::{self, Bearer},
    load::{CallGenerator, Mix, OpenLoop},
    stop::Stop,
};

/// What the traffic has done so far; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    inner: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    calls: AtomicU64,
    errors: AtomicU64,
}

impl Counts {
    /// Calls that have ended.
    pub(super) fn calls(&self) -> u64 {
        self.inner.calls.load(Ordering::Relaxed)
    }

    /// Calls that ended with another code than OK.
    pub(super) fn errors(&self) -> u64 {
        self.inner.errors.load(Ordering::Relaxed)
    }

    fn add(&self, code: Code) {
        self.inner.calls.fetch_add(1, Ordering::Relaxed);
        if code != Code::Ok {
            self.inner.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Light traffic of all kinds, so that there is always something to look at.
#[derive(Debug)]
pub(super) struct Traffic {
    pub(super) counts: Counts,
    stop: Stop,
    running: Option<JoinHandle<()>>,
}

impl Traffic {
    /// Starts an open loop of `rps` calls a second, the same ones at each start; 0 is none.
    ///
    /// # Errors
    /// When the gateway cannot be reached.
    pub(super) async fn start(
        gateway: SocketAddr,
        bearer: Bearer,
        rps: f64,
    ) -> anyhow::Result<Self> {
        let (counts, stop) = (Counts::default(), Stop::default());
        if rps == 0.0 {
            return Ok(Self {
                counts,
                stop,
                running: None,
            });
        }
        let url = client::parse_url(&gateway.to_string()).map_err(anyhow::Error::msg)?;
        let channels = client::connect_gateway(&url, 64).await?;
        let generator = CallGenerator::new(channels, bearer.into(), Duration::from_secs(10));
        let open_loop = OpenLoop {
            rps,
            duration: None,
            concurrency: 64,
            mix: Mix::EVEN,
            seed: 1,
        };
        let (outcomes, mut results) = mpsc::unbounded_channel();
        tokio::spawn(open_loop.run(generator, outcomes, stop.clone()));
        let counted = counts.clone();
        // Ends when the loop and its last call are gone: they hold the sender.
        let running = tokio::spawn(async move {
            while let Some(outcome) = results.recv().await {
                counted.add(outcome.code);
            }
        });
        Ok(Self {
            counts,
            stop,
            running: Some(running),
        })
    }

    /// Makes no more calls, and waits for those in flight, `max_wait` at most.
    pub(super) async fn stop(self, max_wait: Duration) {
        self.stop.request();
        if let Some(running) = self.running {
            // Calls beyond that are cut by the drain of the gateway.
            drop(timeout(max_wait, running).await);
        }
    }
}
