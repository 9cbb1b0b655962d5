//! What a call to a server goes through: a module is one layer, usable alone.

pub mod access_log;
pub mod authenticate;
pub mod authorize_peer;
pub mod caller_limit;
pub mod catch_panic;
pub mod concurrency_limit;
pub mod deadline;
pub mod inject_fault;
pub mod rate_limit;
pub mod validate_protocol;

pub use self::{
    access_log::AccessLogLayer, authenticate::AuthenticateLayer,
    authorize_peer::AuthorizePeerLayer, caller_limit::CallerLimitLayer,
    catch_panic::CatchPanicLayer, concurrency_limit::ConcurrencyLimitLayer,
    deadline::EnforceDeadlineLayer, inject_fault::InjectFaultLayer, rate_limit::RateLimitLayer,
    validate_protocol::ValidateProtocolLayer,
};
