use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::{
    sync::CancellationToken, task::TaskTracker, task::task_tracker::TaskTrackerToken,
};

/// What a connection is doing, to decide whether it may stay open.
#[derive(Debug)]
pub(crate) struct Activity {
    state: Mutex<State>,
    /// Ends the connection at once.
    pub(crate) cut: CancellationToken,
    /// The calls of every connection of the listener.
    calls: TaskTracker,
}

#[derive(Debug)]
struct State {
    /// Calls whose answer is not written to its end.
    open: usize,
    /// Whether there was a call before.
    served: bool,
    /// The end of the last call, or the beginning of the connection.
    since: Instant,
}

impl Activity {
    pub(crate) fn new(cut: CancellationToken, calls: TaskTracker) -> Self {
        let state = State {
            open: 0,
            served: false,
            since: Instant::now(),
        };
        Self {
            state: Mutex::new(state),
            cut,
            calls,
        }
    }

    /// The order in which idle connections are closed, the least first: unused ones, then by the
    /// time without a call. `None` while the connection has a call.
    pub(crate) fn idle(&self) -> Option<(bool, Instant)> {
        let state = self.state();
        (state.open == 0).then_some((state.served, state.since))
    }

    /// When to check again whether the connection was idle for `timeout`; `None` when it was.
    pub(crate) fn idle_check(&self, timeout: Duration) -> Option<Instant> {
        let now = Instant::now();
        let end = self.idle().map_or(now, |(_, since)| since) + timeout;
        (end > now).then_some(end)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call of a connection, until its answer has been handed over.
#[derive(Debug)]
pub(crate) struct Call {
    activity: Arc<Activity>,
    _counted: TaskTrackerToken,
}

impl Call {
    pub(crate) fn begin(activity: &Arc<Activity>) -> Self {
        activity.state().open += 1;
        Self {
            activity: Arc::clone(activity),
            _counted: activity.calls.token(),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.open -= 1;
        state.served = true;
        state.since = Instant::now();
    }
}
