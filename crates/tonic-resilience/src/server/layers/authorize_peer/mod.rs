//! Which service may call what: by the certificate at the other end of the connection.
//!
//! All that is not allowed is refused: without a certificate as `UNAUTHENTICATED`, with that of
//! another service as `PERMISSION_DENIED`. Needs [`tls`](crate::tls). Visible as the span
//! attribute `tracewalk.peer`, an info log line for each refusal, and the `code` in the metrics.

mod layer;
mod service;

#[cfg(test)]
mod tests;

pub use self::{layer::AuthorizePeerLayer, service::AuthorizePeer};
