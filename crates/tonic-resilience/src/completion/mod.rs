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

pub use self::{body::EndBody, future::EndFuture};

use http::response::Parts;
use tonic::Code;

/// What wants to know how a call ended.
pub trait Ended {
    /// The headers of the answer are there; comes before the end, or not at all.
    fn answered(&mut self, _headers: &Parts) {}

    /// The call is over. Comes once.
    fn ended(self, code: Code);
}

/// Nobody wants to know.
impl<T: Ended> Ended for Option<T> {
    fn answered(&mut self, headers: &Parts) {
        if let Some(inner) = self {
            inner.answered(headers);
        }
    }

    fn ended(self, code: Code) {
        if let Some(inner) = self {
            inner.ended(code);
        }
    }
}

/// Tells `T` once how the call ended: `CANCELLED` when it is dropped before.
#[derive(Debug)]
pub struct OnEnd<T: Ended>(Option<T>);

impl<T: Ended> OnEnd<T> {
    /// Waits for the end of a call.
    pub fn new(ended: T) -> Self {
        Self(Some(ended))
    }

    /// Tells what the headers of the answer are.
    pub fn answered(&mut self, headers: &Parts) {
        self.0.answered(headers);
    }

    /// Tells how the call ended; what is told later is not heard.
    pub fn end(&mut self, code: Code) {
        self.0.take().ended(code);
    }
}

impl<T: Ended> Drop for OnEnd<T> {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}
