//! A panic in a handler is `INTERNAL` for its caller, and nothing for all others.
//!
//! Without this layer a panic resets the stream: the caller sees a protocol error, and the layers
//! outside learn no code. Streams are covered as well: a panic while the body is polled ends it
//! with `INTERNAL` in the trailers. The caller learns nothing of the panic's text.
//!
//! Visible as the span event `panic`, an error log line with the text, and `code="INTERNAL"`.
//! Needs `panic = "unwind"`, the default.

mod body;
mod future;
mod layer;
mod service;

#[cfg(test)]
mod tests;

pub use self::{future::CatchPanicFuture, layer::CatchPanicLayer, service::CatchPanic};

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tonic::{Code, Status};

use crate::{errors::ErrorReply, span};

/// Runs `work`; a panic becomes the status that the caller gets.
///
/// What `work` left half done is dropped right after, hence no broken state is seen again.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Status> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        tracing::error!(panic = text_of(panic.as_ref()), "the handler panicked");
        span::event("panic");
        ErrorReply::new(Code::Internal, "PANIC", "the handler failed").into_status()
    })
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("not a text")
}
