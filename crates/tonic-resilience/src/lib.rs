//! Layers for calls: deadlines, retries, breaker, balancing, identity, limits, health, drain.
//!
//! [`server::layers`] and [`client::layers`] have one mechanism a module: a tower layer over any
//! [`Stack`](stack::Stack), usable alone. To copy one, take its module with `stack`, `completion`,
//! `errors`, `method_set`, `names` and `span`, as its imports
//! say.
//!
//! The features `client` and `server` are on by default; `tls`, `authenticate`, `inject-fault` and `dns-server` bring
//! crates of their own.
//!
//! # The order of the layers
//!
//! The first layer is the outermost. The layers that make spans and samples stand outside all of
//! these, so that refusals are traced and counted too.
//!
//! ```
//! # use std::time::Duration;
//! # use tonic_resilience::server::{health::Health, layers::*};
//! # let (_, service) = Health::new(&[]);
//! let server = tower::ServiceBuilder::new()
//!     .layer(AccessLogLayer::new(["my.v1.Service/Method"]))       // sees every refusal below
//!     .layer(ValidateProtocolLayer::new(&grpc_wire::Methods::default())) // refuses what is not gRPC
//!     .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)))  // bounds all that takes time
//!     .layer(ConcurrencyLimitLayer::new(512))                     // sheds before cryptography
//!     // AuthenticateLayer or AuthorizePeerLayer: the next layer counts by caller
//!     .layer(RateLimitLayer::new(100, 200))                       // counts calls by caller
//!     .layer(CallerLimitLayer::new(256, 128))                    // counts calls in flight by caller
//!     .layer(CatchPanicLayer)                                     // next to what may panic
//!     // InjectFaultLayer, in demonstrations: its faults stand for those of a handler
//!     .service(tonic::service::Routes::new(service));
//! ```
//!
//! And on the client, around the layer that makes one span an attempt:
//!
//! ```
//! # use std::time::Duration;
//! # use prometheus::Registry;
//! # use tonic_resilience::client::{balance::Balance, layers::{circuit_breaker::*, retry::*, *}};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let registry = Registry::new();
//! let retries = RetryMetrics::new(&registry)?;
//! let breakers = BreakerMetrics::new(&registry)?;
//! let client = tower::ServiceBuilder::new()
//!     .layer(PropagateDeadlineLayer::new(Duration::from_secs(2)))            // for all attempts
//!     .layer(RetryLayer::new("user", RetryPolicy::default(), &retries))      // retries pass the breaker
//!     .layer(CircuitBreakerLayer::new("user", Settings::default(), &breakers)) // counts attempts
//!     // the layer that makes a span for each attempt: the balancer notes the server on it
//!     .layer(ValidateResponseLayer)                                              // refuses what is not gRPC
//!     .service(Balance::default().connect(&"static:///127.0.0.1:50052".parse()?));
//! # Ok(()) }
//! ```

#[cfg(feature = "client")]
pub mod client;
#[cfg(any(feature = "client", feature = "server"))]
mod completion;
#[cfg(any(feature = "client", feature = "server"))]
pub mod deadline;
pub mod errors;
#[cfg(any(feature = "authenticate", feature = "tls"))]
pub mod file_watch;
#[cfg(any(feature = "client", feature = "server"))]
mod method_set;
pub mod names;
#[cfg(any(feature = "client", feature = "server"))]
mod response;
#[cfg(feature = "server")]
pub mod server;
pub mod source;
#[cfg(any(feature = "client", feature = "server"))]
mod span;
pub mod stack;
#[cfg(feature = "tls")]
pub mod tls;

#[cfg(test)]
mod testing;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
