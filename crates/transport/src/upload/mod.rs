//! Passing an upload on, so that half of one never looks whole to the next hop.
//!
//! A service that streams requests on has two ways to lie by accident. When its caller cancels,
//! tonic ends the messages as if the caller had sent them all. And when its handler is dropped, so
//! is its end of the channel that feeds the next hop, which ends that request stream as if it were
//! whole, if the end overtakes the cancellation.
//!
//! ```
//! use tonic::{Status, Streaming};
//! use transport::upload::{Upload, next_message};
//!
//! async fn pass_on<T: Send + 'static>(
//!     mut messages: Streaming<T>,
//!     upload: &Upload<T>,
//! ) -> Result<(), Status> {
//!     while let Some(message) = next_message(&mut messages).await? {
//!         upload.send(message).await;
//!     }
//!     upload.finish().await;
//!     Ok(())
//! }
//! ```

use std::task::{Poll, ready};

use futures_util::{Stream, stream};
use tokio::{sync::mpsc, task::yield_now};
use tonic::{Status, Streaming};

/// The next message of an upload; `None` after the last.
///
/// The server drops a call that its caller cancelled at the next pause of its handler. So there is
/// a pause before the end is believed.
///
/// # Errors
///
/// The status of a message that cannot be read.
pub async fn next_message<T>(messages: &mut Streaming<T>) -> Result<Option<T>, Status> {
    let message = messages.message().await?;
    if message.is_none() {
        yield_now().await;
    }
    Ok(message)
}

/// Sends the messages of a request stream, which ends only when this says so.
///
/// Dropped before [`Upload::finish`], it leaves the stream open, for the call to be cancelled.
#[derive(Debug)]
pub struct Upload<T> {
    sender: mpsc::Sender<Option<T>>,
}

impl<T: Send + 'static> Upload<T> {
    /// An upload that holds up to `capacity` messages, and the stream that they come out of.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    pub fn new(capacity: usize) -> (Self, impl Stream<Item = T> + Send + 'static) {
        let (sender, mut receiver) = mpsc::channel(capacity);
        let messages = stream::poll_fn(move |cx| match ready!(receiver.poll_recv(cx)) {
            Some(message) => Poll::Ready(message),
            // Dropped and not finished: there is no more to come, and no end.
            None => Poll::Pending,
        });
        (Self { sender }, messages)
    }

    /// Sends a message as soon as there is room; `false` when nobody listens any more.
    pub async fn send(&self, message: T) -> bool {
        self.sender.send(Some(message)).await.is_ok()
    }

    /// Ends the stream.
    pub async fn finish(&self) {
        // Nobody listens: then nobody misses the end.
        let _ended = self.sender.send(None).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use tokio_test::{assert_pending, task};

    use super::*;

    #[tokio::test]
    async fn an_upload_ends_when_it_is_finished() {
        let (upload, messages) = Upload::new(3);
        assert!(upload.send(1).await && upload.send(2).await);
        upload.finish().await;
        assert_eq!(messages.collect::<Vec<_>>().await, [1, 2]);
    }

    #[tokio::test]
    async fn an_upload_that_is_dropped_does_not_end() {
        let (upload, mut messages) = Upload::new(1);
        upload.send(1).await;
        drop(upload);
        assert_eq!(messages.next().await, Some(1));
        assert_pending!(task::spawn(messages.next()).poll());
    }

    #[tokio::test]
    async fn an_upload_without_listeners_says_so() {
        let (upload, messages) = Upload::new(1);
        drop(messages);
        assert!(!upload.send(1).await);
        upload.finish().await;
    }
}
