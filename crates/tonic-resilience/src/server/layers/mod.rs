//! What a call to a server goes through: a module is one layer, usable alone.

pub mod access_log;
#[cfg(feature = "authenticate")]
pub mod authenticate;
#[cfg(feature = "tls")]
pub mod authorize_peer;
pub mod caller_limit;
pub mod catch_panic;
pub mod concurrency_limit;
pub mod deadline;
#[cfg(feature = "inject-fault")]
pub mod inject_fault;
pub mod rate_limit;
pub mod validate_protocol;

#[cfg(feature = "authenticate")]
pub use self::authenticate::AuthenticateLayer;
#[cfg(feature = "tls")]
pub use self::authorize_peer::AuthorizePeerLayer;
#[cfg(feature = "inject-fault")]
pub use self::inject_fault::InjectFaultLayer;
pub use self::{
    access_log::AccessLogLayer, caller_limit::CallerLimitLayer, catch_panic::CatchPanicLayer,
    concurrency_limit::ConcurrencyLimitLayer, deadline::EnforceDeadlineLayer,
    rate_limit::RateLimitLayer, validate_protocol::ValidateProtocolLayer,
};
