//! Which call begins next when many come at once.
//!
//! The runtime polls tasks in the order in which they came. A caller that sends thousands of calls
//! at once would make all others wait until each of these has begun or was refused. Here a
//! connection has at most as many tasks that have not begun as there are threads; its other calls
//! wait in a line.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::runtime::Handle;

/// The calls of one connection that have not begun.
#[derive(Clone)]
pub(crate) struct StartQueue(Arc<Mutex<Line>>);

struct Line {
    /// How many more calls may be spawned now.
    free: usize,
    calls: VecDeque<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl StartQueue {
    /// As many calls at a time as the runtime has threads.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Line {
            free: Handle::current().metrics().num_workers(),
            calls: VecDeque::new(),
        })))
    }

    /// Runs `call` as a task, which starts when a slot is free.
    pub(crate) fn spawn(&self, call: impl Future<Output: Send> + Send + 'static) {
        let mut line = self.lock();
        if let Some(free) = line.free.checked_sub(1) {
            line.free = free;
            drop(line);
            tokio::spawn(self.starting(call));
        } else {
            line.calls.push_back(Box::pin(async {
                call.await;
            }));
        }
    }

    fn starting<F>(&self, call: F) -> Starting<F> {
        Starting {
            call,
            slot: Some(Slot(self.clone())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for StartQueue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waiting = self.lock().calls.len();
        formatter
            .debug_struct("StartQueue")
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

/// The slot of one call; when it is dropped, the next call gets it.
struct Slot(StartQueue);

impl Drop for Slot {
    fn drop(&mut self) {
        let mut line = self.0.lock();
        match (line.calls.pop_front(), Handle::try_current()) {
            (Some(next), Ok(runtime)) => {
                drop(line);
                runtime.spawn(self.0.starting(next));
            }
            _ => line.free += 1,
        }
    }
}

pin_project! {
    /// A call that keeps its slot until it was polled once.
    struct Starting<F> {
        #[pin]
        call: F,
        slot: Option<Slot>,
    }
}

impl<F: Future> Future for Starting<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _slot = this.slot.take();
        this.call.poll(cx)
    }
}
