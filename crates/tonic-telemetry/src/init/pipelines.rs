use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::InitError;
use super::options::StartExporter;
use crate::env::Variables;
use crate::export::{Address, OtlpClient, endpoint};
use crate::logs::{Entry, Records};
use crate::queue::{ExportThread, Ledger, Limits, Queue, RetryPolicy, SpanQueue};

/// The pipeline of spans: a processor that fills a queue, and the thread that empties it.
#[derive(Debug)]
pub(super) struct SpanPipeline {
    pub(super) spans: SpanQueue,
    /// `None` where spans are switched off: then nothing fills the queue either.
    thread: Option<ExportThread>,
}

impl SpanPipeline {
    /// A pipeline to this exporter, or else to the collector that the environment names. Unless
    /// `on`, the pipeline takes no spans.
    pub(super) fn start(
        on: bool,
        exporter: Option<StartExporter>,
        resource: &Resource,
        variables: &Variables,
    ) -> Result<Self, InitError> {
        let queue = Arc::new(Queue::new(Limits::of_spans(variables)));
        let spans = SpanQueue::new(Arc::clone(&queue));
        let thread = match (on, exporter) {
            (false, _) => {
                return Ok(Self {
                    spans,
                    thread: None,
                });
            }
            (true, Some(start)) => start(queue, resource),
            (true, None) => {
                let (address, options) = endpoint::of_spans(variables)?;
                let retry = RetryPolicy::with_timeout(options.timeout);
                let resource = resource.clone();
                match address {
                    Address::Grpc(address) => {
                        let make =
                            move || OtlpClient::new(address.connect_lazy(), options, &resource);
                        ExportThread::start("span-export", queue, retry, make)
                    }
                    #[cfg(feature = "otlp-http")]
                    Address::Http(url, connector) => {
                        let make = move || {
                            crate::export::http_exporter(url, connector, &options, &resource)
                        };
                        ExportThread::start("span-export", queue, retry, make)
                    }
                }
            }
        };
        let thread = Some(thread.map_err(InitError::Thread)?);
        Ok(Self { spans, thread })
    }

    pub(super) fn is_on(&self) -> bool {
        self.thread.is_some()
    }

    /// Sends what is queued, for at most `grace`, and counts the rest as dropped. Blocks.
    pub(super) fn finish(self, grace: Duration) -> Ledger {
        if let Some(thread) = self.thread {
            thread.finish(grace);
        }
        self.spans.abandon();
        self.spans.ledger()
    }
}

/// The pipeline of log records.
#[derive(Debug)]
pub(super) struct LogPipeline {
    queue: Arc<Queue<Entry>>,
    thread: ExportThread,
}

impl LogPipeline {
    /// A pipeline to the collector of the environment.
    pub(super) fn start(resource: &Resource, variables: &Variables) -> Result<Self, InitError> {
        let queue = Arc::new(Queue::new(Limits::of_logs(variables)));
        let (address, options) = endpoint::of_logs(variables)?;
        let retry = RetryPolicy::with_timeout(options.timeout);
        let resource = resource.clone();
        let make = move || OtlpClient::new(address.connect_lazy(), options, &resource);
        let thread = ExportThread::start("log-export", Arc::clone(&queue), retry, make);
        Ok(Self {
            queue,
            thread: thread.map_err(InitError::Thread)?,
        })
    }

    /// The layer that fills the queue.
    pub(super) fn records(&self) -> Records {
        Records::new(Arc::clone(&self.queue))
    }

    /// A function that reads the ledger.
    pub(super) fn reader(&self) -> impl Fn() -> Ledger + Send + Sync + 'static {
        let queue = Arc::clone(&self.queue);
        move || queue.ledger()
    }

    /// Sends what is queued, for at most `grace`, and counts the rest as dropped. Blocks.
    pub(super) fn finish(self, grace: Duration) {
        self.thread.finish(grace);
        self.queue.abandon();
    }
}
