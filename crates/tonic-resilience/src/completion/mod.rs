//! Learns how a call ended: exactly once, whichever way it ends.
//!
//! gRPC says the status after the body, in the trailers, or at once in the headers when there is
//! no body. A call can also end with an error, or because nobody wants its answer any more. A layer
//! that looks at the headers alone takes most failures for successes.
//!
//! ```text
//! future ─► error ─────────────► its code         dropped anywhere ─► CANCELLED
//!        └► headers ─► grpc-status ─► that code
//!                  └► body ─► trailers ─► that code;  error ─► its code;  no status ─► UNKNOWN
//! ```

mod body;
mod future;

#[cfg(test)]
mod tests;

pub use self::{body::CompletionBody, future::CompletionFuture};

use http::response::Parts;
use tonic::Code;

/// What wants to know how a call ended.
pub trait OnComplete {
    /// The headers of the answer are there; comes before the end, or not at all.
    fn headers(&mut self, _headers: &Parts) {}

    /// The call is over. Comes once.
    fn complete(self, code: Code);
}

/// Nobody wants to know.
impl<T: OnComplete> OnComplete for Option<T> {
    fn headers(&mut self, headers: &Parts) {
        if let Some(inner) = self {
            inner.headers(headers);
        }
    }

    fn complete(self, code: Code) {
        if let Some(inner) = self {
            inner.complete(code);
        }
    }
}

/// Tells `T` once how the call ended: `CANCELLED` when it is dropped before.
#[derive(Debug)]
pub struct Completion<T: OnComplete>(Option<T>);

impl<T: OnComplete> Completion<T> {
    /// Waits for the end of a call.
    pub fn new(ended: T) -> Self {
        Self(Some(ended))
    }

    /// Tells what the headers of the answer are.
    pub fn headers(&mut self, headers: &Parts) {
        self.0.headers(headers);
    }

    /// Tells how the call ended; what is told later is not heard.
    pub fn end(&mut self, code: Code) {
        self.0.take().complete(code);
    }
}

impl<T: OnComplete> Drop for Completion<T> {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}
