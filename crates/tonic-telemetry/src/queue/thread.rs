use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use opentelemetry::Context;
use tokio::sync::watch;

use super::shutdown::{Shutdown, ShutdownSignal};
use super::{Exporter, Queue, RetryPolicy, Store, Worker};

/// A running thread that sends what is put into a queue, and the way to end it.
///
/// When it is dropped, the queue is closed, and the thread sends what is left as long as the
/// process lives.
pub(crate) struct ExportThread {
    shutdown: watch::Sender<Option<Shutdown>>,
    ended: mpsc::Receiver<()>,
    close: Box<dyn Fn() + Send + Sync>,
}

impl ExportThread {
    /// Starts the thread.
    ///
    /// It has a runtime of its own, so that telemetry neither needs nor blocks a thread of the
    /// program's runtime, whichever kind it is. `exporter` is made on it, inside the runtime; log lines say that it
    /// sends to `endpoint`.
    ///
    /// # Errors
    ///
    /// The error of the operating system where it starts no thread.
    pub(crate) fn start<S, D>(
        name: &str,
        queue: Arc<Queue<S>>,
        retry: RetryPolicy,
        endpoint: String,
        exporter: impl FnOnce() -> D + Send + 'static,
    ) -> io::Result<Self>
    where
        S: Store + 'static,
        D: Exporter<S::Batch> + 'static,
    {
        let (shutdown, receiver) = watch::channel(None);
        let closed = Arc::clone(&queue);
        let (end, ended) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                // Spans and log lines of the connection to the collector are not exported.
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                runtime.block_on(async {
                    let shutdown = ShutdownSignal::new(receiver);
                    let worker = Worker::new(queue, exporter(), retry, shutdown, endpoint);
                    worker.run().await;
                });
                // Nobody listens where the grace was too short.
                let _ = end.send(());
            })?;
        Ok(Self {
            shutdown,
            ended,
            close: Box::new(move || closed.close()),
        })
    }

    /// Closes the queue, has the thread send what is in it, and waits for at most `grace`.
    ///
    /// Blocks: do not call it on a thread of a runtime.
    pub(crate) fn finish(self, grace: Duration) {
        (self.close)();
        // The thread needs a moment of the grace to say that it gave up.
        let shutdown = Shutdown::within(grace.mul_f32(0.9));
        self.shutdown.send_replace(Some(shutdown));
        match self.ended.recv_timeout(grace) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => tracing::error!("the exporter does not return"),
            Err(RecvTimeoutError::Disconnected) => tracing::error!("the exporter panicked"),
        }
    }
}

impl Drop for ExportThread {
    fn drop(&mut self) {
        (self.close)();
    }
}

impl fmt::Debug for ExportThread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ExportThread")
    }
}
