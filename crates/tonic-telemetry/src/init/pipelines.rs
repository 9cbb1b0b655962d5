use std::io;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::{Resource, trace::SpanData};

use super::InitError;
use super::options::StartExporter;
use crate::env::Variables;
use crate::export::{Address, EncodedSpans, OtlpClient, endpoint};
use crate::logs::{Entry, Records};
use crate::queue::{ExportThread, Items, Ledger, Limits, Queue, RetryPolicy, SpanQueue, SpanSink};

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
        let limits = Limits::of_spans(variables);
        if !on {
            return Ok(Self {
                spans: SpanQueue::new(Arc::new(Queue::<Items<SpanData>>::new(limits))),
                thread: None,
            });
        }
        let (spans, thread): (Arc<dyn SpanSink>, _) = match exporter {
            Some(start) => {
                let queue = Arc::new(Queue::new(limits));
                (Arc::clone(&queue) as _, start(queue, resource))
            }
            None => to_collector(limits, resource.clone(), variables)?,
        };
        Ok(Self {
            spans: SpanQueue::new(spans),
            thread: Some(thread.map_err(InitError::Thread)?),
        })
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

/// The queue and the thread for the collector that the environment names.
///
/// By gRPC spans wait as bytes; the exporter for HTTP, which is not ours, takes the spans of the SDK.
fn to_collector(
    limits: Limits,
    resource: Resource,
    variables: &Variables,
) -> Result<(Arc<dyn SpanSink>, io::Result<ExportThread>), InitError> {
    const THREAD: &str = "span-export";
    let (address, options) = endpoint::of_spans(variables)?;
    let retry = RetryPolicy::with_timeout(options.timeout);
    let endpoint = address.shown();
    Ok(match address {
        Address::Grpc(address) => {
            let queue = Arc::new(Queue::<EncodedSpans>::new(limits));
            let make = move || OtlpClient::new(address.connect_lazy(), options, &resource);
            let thread = ExportThread::start(THREAD, Arc::clone(&queue), retry, endpoint, make);
            (queue, thread)
        }
        #[cfg(feature = "otlp-http")]
        Address::Http(url, connector) => {
            let queue = Arc::new(Queue::<Items<SpanData>>::new(limits));
            let make = move || crate::export::http_exporter(url, connector, &options, &resource);
            let thread = ExportThread::start(THREAD, Arc::clone(&queue), retry, endpoint, make);
            (queue, thread)
        }
    })
}

/// The pipeline of log records.
#[derive(Debug)]
pub(super) struct LogPipeline {
    queue: Arc<Queue<Items<Entry>>>,
    thread: ExportThread,
}

impl LogPipeline {
    /// A pipeline to the collector of the environment.
    pub(super) fn start(resource: &Resource, variables: &Variables) -> Result<Self, InitError> {
        let queue = Arc::new(Queue::new(Limits::of_logs(variables)));
        let (address, options) = endpoint::of_logs(variables)?;
        let endpoint = endpoint::shown(address.uri());
        let retry = RetryPolicy::with_timeout(options.timeout);
        let resource = resource.clone();
        let make = move || OtlpClient::new(address.connect_lazy(), options, &resource);
        let thread = ExportThread::start("log-export", Arc::clone(&queue), retry, endpoint, make);
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
