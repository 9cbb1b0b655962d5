//! The parts of the gRPC protocol: codes, methods, statuses and messages, without a runtime.
//!
//! - [`code_name`], [`code_named`], [`is_error`]: the codes, their names, and on which [`Side`] a
//!   code counts as an error.
//! - [`Methods`]: the methods that descriptor sets declare, each with its [`RpcKind`]. All others are
//!   [`OTHER`]. [`LearnedMethods`]: those that a program without descriptor sets learns.
//! - [`CallStatus`]: the code and the message in headers, in trailers, or of a plain HTTP answer.
//! - [`is_grpc`]: whether a request is gRPC at all.
//! - [`MessageReader`]: where the messages of a body begin and end, and what is wrong with them.
//!
//! Of tonic it uses two types, [`tonic::Code`] and [`tonic::Status`].

mod code;
mod content_type;
mod messages;
mod method;
mod methods;
mod status;

pub use code::{CODES, Side, code_name, code_named, is_error};
pub use content_type::is_grpc;
pub use messages::{MessageError, MessageReader};
pub use method::{Method, OTHER, RpcKind};
pub use methods::{
    DescriptorError, LearnedMethods, MethodTable, Methods, UnknownMethod, UnknownService,
};
pub use status::{CallStatus, status_code};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
