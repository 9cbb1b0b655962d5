//! An HTTP/2 stream whose peer opens no window for the answer.
//!
//! Hyper asks the body for its next frame when the one before has begun to leave. While it waits
//! for a window it asks for nothing, so no deadline in the body can end the call: it would hold its
//! place in every limit for as long as the connection lives.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::{
    task_local,
    time::{Sleep, sleep},
};

task_local! {
    static PROGRESS: WriteProgress;
}

/// Counts what passes between hyper and a body: odd while a frame has been given and the next one
/// not been asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteProgress(Arc<AtomicU64>);

impl WriteProgress {
    /// The counter of the HTTP/2 call that this task runs.
    pub(crate) fn of_this_task() -> Option<Self> {
        PROGRESS.try_with(Clone::clone).ok()
    }

    pub(crate) fn asked(&self) {
        let count = self.0.load(Ordering::Relaxed);
        self.0.store(count + count % 2, Ordering::Relaxed);
    }

    pub(crate) fn given(&self) {
        // `asked` came before, in the same task.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pin_project! {
    /// A call, until it ends or its peer has taken nothing of the answer for too long.
    ///
    /// Then the call is dropped, which resets its stream. No timer runs unless a frame waits.
    #[derive(Debug)]
    pub(crate) struct WriteTimeout<F> {
        #[pin]
        call: F,
        timeout: Duration,
        progress: WriteProgress,
        // The count of the frame that the timer runs for.
        waiting: u64,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<F> WriteTimeout<F> {
    pub(crate) fn new(call: F, timeout: Duration) -> Self {
        Self {
            call,
            timeout,
            progress: WriteProgress::default(),
            waiting: 0,
            timer: None,
        }
    }
}

impl<F: Future> Future for WriteTimeout<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let call = this.call;
        if PROGRESS
            .sync_scope(this.progress.clone(), || call.poll(cx))
            .is_ready()
        {
            return Poll::Ready(());
        }
        let count = this.progress.count();
        if count.is_multiple_of(2) {
            this.timer.set(None);
            return Poll::Pending;
        }
        if *this.waiting != count {
            *this.waiting = count;
            this.timer.set(Some(sleep(*this.timeout)));
        }
        if let Some(timer) = this.timer.as_pin_mut() {
            ready!(timer.poll(cx));
            tracing::debug!("an answer that nobody reads is cut");
        }
        Poll::Ready(())
    }
}
