//! How a call travels: deadlines, retries, breaker, balancing, identity, limits, health, drain.
//!
//! Each module is one mechanism: a tower layer over any [`Stack`](stack::Stack), usable alone. To
//! copy one, take its folder with `stack`, `ending`, `errors`, `services` and `span`, as its imports
//! say.
//!
//! # The order of the layers
//!
//! The first layer is the outermost. The layers that make spans and samples stand outside all of
//! these, so that refusals are traced and counted too.
//!
//! ```
//! # use std::time::Duration;
//! # use tonic_resilience::{access_log::*, catch_panic::*, deadline::*, limit_callers::*, limit_concurrency::*, limit_rate::*, strict_wire::*};
//! # let (_, service) = tonic_resilience::health::Health::new(&[]);
//! let server = tower::ServiceBuilder::new()
//!     .layer(AccessLogLayer::new(["my.v1.Service/Method"]))       // sees every refusal below
//!     .layer(StrictWireLayer::new(&[])?)                          // nobody reads what is not gRPC
//!     .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)))  // bounds all that takes time
//!     .layer(LimitConcurrencyLayer::new(512))                     // sheds before cryptography
//!     // AuthenticateLayer or AuthorizePeerLayer: the next layer asks who calls
//!     .layer(LimitRateLayer::new(100, 200))                       // counts by who calls
//!     .layer(LimitCallersLayer::new(256, 128))                    // so does this, for the time they take
//!     .layer(CatchPanicLayer)                                     // next to what may panic
//!     // InjectFaultLayer, in demonstrations: what it does stands for what a handler does
//!     .service(tonic::service::Routes::new(service));
//! # Ok::<_, tonic_resilience::strict_wire::DescriptorError>(())
//! ```
//!
//! And on the client, around the layer that makes one span an attempt:
//!
//! ```
//! # use std::time::Duration;
//! # use prometheus::Registry;
//! # use tonic_resilience::{balance::*, circuit_breaker::*, deadline::*, retry::*, strict_wire::*};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let registry = Registry::new();
//! let retries = RetryMetrics::new(&registry)?;
//! let breakers = BreakerMetrics::new(&registry)?;
//! let client = tower::ServiceBuilder::new()
//!     .layer(PropagateDeadlineLayer::new(Duration::from_secs(2)))            // for all attempts
//!     .layer(RetryLayer::new("user", RetryPolicy::default(), &retries))      // asks the breaker anew
//!     .layer(CircuitBreakerLayer::new("user", Settings::default(), &breakers)) // counts attempts
//!     // the layer that makes a span for each attempt: the balancer notes the server on it
//!     .layer(StrictClientLayer)                                              // nobody reads what is not gRPC
//!     .service(Balance::default().connect(&"static:///127.0.0.1:50052".parse()?));
//! # Ok(()) }
//! ```

pub mod access_log;
pub mod authenticate;
pub mod authorize_peer;
pub mod balance;
pub mod catch_panic;
pub mod circuit_breaker;
pub mod client;
pub mod deadline;
pub mod dev;
pub mod ending;
pub mod errors;
pub mod fallback;
pub mod health;
pub mod inject_fault;
pub mod limit_callers;
pub mod limit_concurrency;
pub mod limit_rate;
pub mod principal;
pub mod reload;
pub mod retry;
pub mod server;
mod services;
mod signatures;
pub mod source;
mod span;
pub mod stack;
pub mod strict_wire;
pub mod target;
pub mod tls;
pub mod upload;

#[cfg(test)]
mod testing;
