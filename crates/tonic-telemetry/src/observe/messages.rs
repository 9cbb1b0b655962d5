use grpc_wire::MessageReader;
use prometheus::IntCounter;

/// Counts the messages that pass in a body; a message counts when its last byte has passed.
#[derive(Debug)]
pub(super) struct MessageCounter {
    counter: IntCounter,
    messages: MessageReader,
}

impl MessageCounter {
    pub(super) fn new(counter: IntCounter) -> Self {
        Self {
            counter,
            messages: MessageReader::default(),
        }
    }

    pub(super) fn pass(&mut self, chunk: &[u8]) {
        let before = self.messages.completed();
        // The receiver of the messages reports the error; messages before it count.
        let _malformed = self.messages.read(chunk).is_err();
        let completed = self.messages.completed() - before;
        if completed > 0 {
            self.counter.inc_by(completed);
        }
    }
}
