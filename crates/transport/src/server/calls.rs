use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio_util::task::TaskTracker;

/// Runs the calls of one connection, each as a task, and counts them.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    open: TaskTracker,
    started: Arc<AtomicU64>,
    /// Those of every connection of the server.
    all: TaskTracker,
}

impl Calls {
    /// None yet; each will be counted in `all`, too.
    pub(super) fn counted_in(all: &TaskTracker) -> Self {
        Self {
            open: TaskTracker::new(),
            started: Arc::default(),
            all: all.clone(),
        }
    }

    /// How many have begun since the connection was opened.
    pub(super) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// How many have not ended.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Waits for the end of the last call, when no more can begin.
    pub(super) async fn finished(&self) {
        self.open.close();
        self.open.wait().await;
    }
}

/// Hyper hands each call of an HTTP/2 connection to its executor.
impl<F> hyper::rt::Executor<F> for Calls
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, call: F) {
        self.started.fetch_add(1, Ordering::Relaxed);
        self.open.spawn(self.all.track_future(call));
    }
}
