//! Passes a request stream on, so that half of it never looks complete to the next hop.
//!
//! When a handler is dropped, its end of the channel that feeds the next hop is dropped too, and
//! that request stream ends as if it were complete. An [`Upload`] ends its stream only in
//! [`Upload::finish`]: until then the stream waits, and the client's [`ValidateResponseLayer`]
//! resets the call as soon as nobody reads its answer.
//!
//! ```
//! use futures_util::{Stream, TryFutureExt as _};
//! use tonic::{Response, Status, Streaming};
//! use tonic_resilience::client::upload::{Upload, responses_while_uploading};
//!
//! # async fn call(_: impl Stream<Item = String>) -> Result<Response<Streaming<String>>, Status> {
//! #     Err(Status::unimplemented("a generated client stands here"))
//! # }
//! /// The answers of the next hop to the messages of a caller.
//! fn pass_on(messages: Streaming<String>) -> impl Stream<Item = Result<String, Status>> {
//!     let (upload, onward) = Upload::new(16);
//!     // The headers of the next hop may come with its first answer, which needs the messages:
//!     // nothing here may wait for the headers first.
//!     let answers = async { call(onward).await.map(Response::into_inner) };
//!     responses_while_uploading(upload.feed(messages), answers.try_flatten_stream())
//! }
//! ```
//!
//! [`ValidateResponseLayer`]: crate::client::layers::validate_protocol::ValidateResponseLayer

use std::task::{Poll, ready};

use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use tokio::sync::mpsc;
use tonic::Status;

/// Sends the messages of a request stream, which ends only with [`Upload::finish`].
///
/// An upload that is dropped before leaves the stream open, so that the call is reset.
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
            // Dropped without `finish`: the stream has no more messages and no end.
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
        // An error means that nobody reads the stream: then the end does not matter.
        let _ended = self.sender.send(None).await;
    }

    /// Sends all messages and ends the stream; stops early when nobody listens any more.
    ///
    /// # Errors
    ///
    /// The status of a message that cannot be read: then the stream has no end.
    pub async fn feed(self, messages: impl Stream<Item = Result<T, Status>>) -> Result<(), Status> {
        let mut messages = std::pin::pin!(messages);
        while let Some(message) = messages.next().await {
            if !self.send(message?).await {
                // The status of the call says why nobody listens.
                return Ok(());
            }
        }
        self.finish().await;
        Ok(())
    }
}

/// The answers of a call whose requests are fed beside it; an error of either side ends both.
pub fn responses_while_uploading<T: 'static>(
    feeding: impl Future<Output = Result<(), Status>> + Send + 'static,
    answers: impl Stream<Item = Result<T, Status>> + Send + 'static,
) -> impl Stream<Item = Result<T, Status>> + Send + 'static {
    let mut feeding = feeding.boxed().fuse();
    let mut answers = answers.boxed();
    stream::poll_fn(move |cx| {
        if let Poll::Ready(Err(status)) = feeding.poll_unpin(cx) {
            return Poll::Ready(Some(Err(status)));
        }
        answers.poll_next_unpin(cx)
    })
}

#[cfg(test)]
mod tests {
    use tokio_test::{assert_pending, task};
    use tonic::Code;

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

    #[tokio::test]
    async fn a_message_that_cannot_be_read_ends_the_answers_and_not_the_upload() {
        let (upload, mut onward) = Upload::new(2);
        let messages = stream::iter([Ok(1), Err(Status::internal("garbage"))]);
        let mut answers =
            responses_while_uploading(upload.feed(messages), stream::pending::<Result<(), _>>());
        let status = answers.next().now_or_never().flatten();
        let status = status.expect("an end at once").unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert_eq!(onward.next().await, Some(1));
        assert_pending!(task::spawn(onward.next()).poll());
    }
}
