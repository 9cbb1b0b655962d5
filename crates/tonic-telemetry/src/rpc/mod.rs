//! What gRPC and the semantic conventions say about a call: its method, its kind, its status.
//!
//! - [`Methods`]: the methods that exist, read from descriptor sets. All others are [`OTHER`].
//! - [`RpcKind`]: which side streams.
//! - [`code_name`], [`is_error`], [`Outcome`]: how a call ended, and on which [`Side`] that counts
//!   as an error.

mod descriptor;
mod kind;
mod method;
mod methods;
mod name;
mod outcome;
mod status;

pub use descriptor::DescriptorError;
pub use kind::RpcKind;
pub use method::{Method, OTHER};
pub use methods::{MethodTable, Methods};
pub(crate) use name::is_method_name;
pub use outcome::Outcome;
pub use status::{CODES, Side, code_name, is_error};
