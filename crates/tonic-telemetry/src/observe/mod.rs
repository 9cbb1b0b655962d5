//! One observed RPC, from its first header to its last: the code that both sides share.
//!
//! ```text
//!  Service::call ─► ObservedCall (span, start time, series) ─► ResponseFuture ─► ResponseBody
//!                                                                  │                 │
//!            ended exactly once, by the first of:                  │                 │
//!              headers with grpc-status (an answer without body) ──┤                 │
//!              an error of the transport, a panic, a drop ─────────┴─────────────────┤
//!              trailers, or the end of a body without trailers ──────────────────────┘
//! ```
//!
//! gRPC sends its status after the body, so a call is not over when its future is ready: the
//! response body takes over the observed call. All work until its end runs in the span's context.

mod attributes;
mod body;
mod call;
mod known;
mod messages;
mod method_name;
mod part;
mod request;
mod response;
mod scope;

pub use body::ResponseBody;
pub use response::ResponseFuture;

pub(crate) use attributes::first_attributes;
pub(crate) use call::{CallStart, ObservedCall, ObservedMethod};
pub(crate) use known::KnownMethods;
pub(crate) use request::RequestBody;
pub(crate) use scope::Scope;
