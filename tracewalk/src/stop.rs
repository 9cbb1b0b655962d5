//! When to stop: a signal, the end of standard input, or a word from our own code.

use std::{future::Future, io, sync::Arc, thread};

use listener::StopSignals;
use tokio::sync::watch;

/// How often a stop was asked for; clones see the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    requests: Arc<watch::Sender<u32>>,
}

impl Stop {
    /// Stops at SIGTERM (`docker compose stop`), SIGINT (Ctrl-C) and SIGHUP (the terminal closes).
    ///
    /// # Errors
    /// When the system refuses signal handlers.
    pub(crate) fn on_signal() -> io::Result<Self> {
        let (stop, mut signals) = (Self::default(), StopSignals::new()?);
        let asked = stop.clone();
        tokio::spawn(async move {
            loop {
                signals.next().await;
                asked.request();
            }
        });
        Ok(stop)
    }

    /// Also stops when standard input ends: the parent, which holds the other end of the pipe,
    /// wants this process to stop, or has ended itself.
    #[must_use]
    pub(crate) fn or_end_of_input(self) -> Self {
        let stop = self.clone();
        // A thread and not the runtime's standard input: a read that waits there would keep the
        // runtime from ending after a stop by signal.
        thread::spawn(move || {
            drop(io::copy(&mut io::stdin().lock(), &mut io::sink()));
            stop.request();
        });
        self
    }

    /// Asks for a stop once more.
    pub(crate) fn request(&self) {
        self.requests
            .send_modify(|requests| *requests = requests.saturating_add(1));
    }

    /// Waits until a stop was asked for.
    pub(crate) async fn requested(&self) {
        self.requested_times(1).await;
    }

    /// As [`Stop::requested`], for servers that want a future of their own.
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + Send + 'static {
        let stop = self.clone();
        async move { stop.requested().await }
    }

    /// Waits until a stop was asked for so many times: the second request skips the drain.
    pub(crate) async fn requested_times(&self, times: u32) {
        let mut requests = self.requests.subscribe();
        let enough = requests.wait_for(|requests| *requests >= times).await;
        enough.expect("the sender lives as long as self");
    }
}
