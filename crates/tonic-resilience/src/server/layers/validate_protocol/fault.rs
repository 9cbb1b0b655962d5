use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::Extensions;

/// Whether a call fails because its request is at fault: each request has one in its extensions.
///
/// A layer that refuses a request for what it is, with a code that is an error of the server to the
/// semantic conventions, notes it here, and `grpc_rpc_invalid_requests_total` counts the call.
#[derive(Clone, Debug, Default)]
pub struct CallersFault(Arc<AtomicBool>);

impl CallersFault {
    /// Notes that the request in whose extensions this is will fail by its own fault.
    pub fn note_in(extensions: &Extensions) {
        if let Some(fault) = extensions.get::<Self>() {
            fault.note();
        }
    }

    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
