use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Handler, Settings, activity::Activity, connection::Connection};

/// Time for tasks to end after the grace, when they only have to notice it.
const NOTICE: Duration = Duration::from_millis(300);

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Calls that were cut because the grace was over.
    pub aborted_calls: usize,
    /// How long it took, from the shutdown signal.
    pub took: Duration,
}

/// The connections that are open.
#[derive(Debug)]
pub(crate) struct Connections {
    settings: Arc<Settings>,
    tasks: TaskTracker,
    calls: TaskTracker,
    /// Ends each connection after its calls.
    drain: CancellationToken,
    /// Ends all connections at once.
    cut: CancellationToken,
    table: Table,
}

impl Connections {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings.countable()),
            tasks: TaskTracker::new(),
            calls: TaskTracker::new(),
            drain: CancellationToken::new(),
            cut: CancellationToken::new(),
            table: Table::default(),
        }
    }

    /// Whether one more connection fits; closes an idle one if need be.
    pub(crate) fn make_room(&self) -> bool {
        self.table.rows().open.len() < self.settings.max_connections || self.close_idlest()
    }

    /// Closes the connection that has been idle for longest; returns whether there was one.
    pub(crate) fn close_idlest(&self) -> bool {
        let mut rows = self.table.rows();
        let idle = rows.open.iter();
        let idle = idle.filter_map(|(id, row)| Some((row.idle()?, *id)));
        let Some((_, id)) = idle.min() else {
            return false;
        };
        // Removed from the table now: the task of the connection ends a little later.
        if let Some(row) = rows.open.remove(&id) {
            row.cut.cancel();
        }
        true
    }

    pub(crate) fn spawn<F, I, H>(&self, peer: SocketAddr, connecting: F)
    where
        F: Future<Output = io::Result<(I, H)>> + Send + 'static,
        I: AsyncRead + AsyncWrite + Send + 'static,
        H: Handler,
    {
        let activity = Arc::new(Activity::new(self.cut.child_token(), self.calls.clone()));
        let row = self.table.insert(&activity);
        let connection = Connection {
            settings: Arc::clone(&self.settings),
            activity,
            drain: self.drain.clone(),
            peer,
        };
        self.tasks.spawn(async move {
            let _row = row;
            connection.serve(connecting).await;
        });
    }

    /// Lets the calls end, at most until the grace is over, and cuts the rest.
    pub(crate) async fn drain(self) -> Drained {
        let start = Instant::now();
        let end = start + self.settings.grace;
        self.tasks.close();
        self.drain.cancel();
        let mut aborted_calls = 0;
        if timeout_at(end, self.tasks.wait()).await.is_err() {
            // Counted first: a call that is cut ends at any time from here on.
            aborted_calls = self.calls.len();
            self.cut.cancel();
            // A handler that blocks its thread cannot be cut, and must not hold the exit up.
            if timeout(NOTICE, self.tasks.wait()).await.is_err() {
                tracing::warn!(
                    connections = self.tasks.len(),
                    "calls that do not yield are left behind"
                );
            }
        }
        Drained {
            aborted_calls,
            took: start.elapsed(),
        }
    }
}

/// What each open connection is doing.
#[derive(Clone, Debug, Default)]
struct Table(Arc<Mutex<Rows>>);

#[derive(Debug, Default)]
struct Rows {
    open: HashMap<u64, Arc<Activity>>,
    next: u64,
}

impl Table {
    fn insert(&self, activity: &Arc<Activity>) -> Row {
        let mut rows = self.rows();
        let id = rows.next;
        rows.next += 1;
        rows.open.insert(id, Arc::clone(activity));
        Row {
            id,
            table: self.clone(),
        }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection in the table, until it is dropped.
#[derive(Debug)]
struct Row {
    id: u64,
    table: Table,
}

impl Drop for Row {
    fn drop(&mut self) {
        self.table.rows().open.remove(&self.id);
    }
}
