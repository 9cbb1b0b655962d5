//! Passing an upload on, so that half of one never looks whole to the next hop.

use futures_util::{Stream, stream};
use tokio::{sync::mpsc, task::yield_now};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Status, Streaming};

/// The next message of an upload; `None` after the last.
///
/// tonic ends the messages of a call that its caller cancelled like those of a whole upload. The
/// server drops such a call at its next pause, so there is one before the end is believed.
pub(super) async fn next_message<T>(messages: &mut Streaming<T>) -> Result<Option<T>, Status> {
    let message = messages.message().await?;
    if message.is_none() {
        yield_now().await;
    }
    Ok(message)
}

/// Sends the messages of a request stream.
///
/// Dropped before [`Upload::finish`], it leaves the stream open, for the call to be cancelled. With
/// a plain channel the drop would end the stream, and the end could overtake the cancellation.
#[derive(Debug)]
pub(super) struct Upload<T> {
    sender: mpsc::Sender<Option<T>>,
}

impl<T: Send + 'static> Upload<T> {
    /// An upload that holds up to `capacity` messages, and the stream that they come out of.
    pub(super) fn new(capacity: usize) -> (Self, impl Stream<Item = T> + Send + 'static) {
        let (sender, receiver) = mpsc::channel(capacity);
        let messages = ReceiverStream::new(receiver)
            .chain(stream::pending())
            .map_while(|message| message);
        (Self { sender }, messages)
    }

    /// Sends a message as soon as there is room; `false` when nobody listens any more.
    pub(super) async fn send(&self, message: T) -> bool {
        self.sender.send(Some(message)).await.is_ok()
    }

    /// Ends the stream.
    pub(super) async fn finish(&self) {
        // Nobody listens: then nobody misses the end.
        let _ended = self.sender.send(None).await;
    }
}
