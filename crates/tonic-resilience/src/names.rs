//! The names of span attributes, error domain and baggage: each begins with the program's name.

/// The names of a program, made by [`names!`](crate::names!) and handed to each layer that needs one.
///
/// ```
/// use tonic_resilience::{names, names::Names, server::layers::EnforceDeadlineLayer};
///
/// static NAMES: Names = names!("shop");
/// assert_eq!(NAMES.deadline_ms, "shop.deadline_ms");
/// let layer = EnforceDeadlineLayer::new(std::time::Duration::from_secs(60)).names(&NAMES);
/// ```
#[derive(Debug)]
pub struct Names {
    /// The `domain` of each `ErrorInfo`: reasons are unique within it.
    pub domain: &'static str,
    /// Span attribute: how many attempts a call had.
    pub attempts: &'static str,
    /// Span attribute: why a token was refused.
    pub auth_refusal: &'static str,
    /// Span attribute: the state of the circuit breaker that refused a call.
    pub breaker_state: &'static str,
    /// Span attribute: milliseconds that a call may take.
    pub deadline_ms: &'static str,
    /// Span attribute: whether an answer lacks what an unreachable server would have added.
    pub degraded: &'static str,
    /// Baggage key: the faults that a caller asks for; span attribute: the faults that were
    /// injected.
    pub fault: &'static str,
    /// Span attribute: the service at the other end, by its certificate.
    pub peer: &'static str,
    /// Span attribute: who calls, by its token.
    pub principal: &'static str,
    /// Span attribute: why a call was not tried again.
    pub retry_stopped_by: &'static str,
    /// Span attribute: which attempt of a call this is, from 1, for the layer that makes the span.
    pub rpc_attempt: &'static str,
    /// Span attribute: why a request is not proper gRPC.
    pub protocol_error: &'static str,
}

/// Makes [`Names`](crate::names::Names) that begin with a prefix, which is the error domain too.
#[macro_export]
macro_rules! names {
    ($prefix:literal) => {
        $crate::names::Names {
            domain: $prefix,
            attempts: concat!($prefix, ".attempts"),
            auth_refusal: concat!($prefix, ".auth_refusal"),
            breaker_state: concat!($prefix, ".breaker_state"),
            deadline_ms: concat!($prefix, ".deadline_ms"),
            degraded: concat!($prefix, ".degraded"),
            fault: concat!($prefix, ".fault"),
            peer: concat!($prefix, ".peer"),
            principal: concat!($prefix, ".principal"),
            retry_stopped_by: concat!($prefix, ".retry_stopped_by"),
            rpc_attempt: concat!($prefix, ".rpc.attempt"),
            protocol_error: concat!($prefix, ".protocol_error"),
        }
    };
}

/// The names of a program that gives none.
static DEFAULT: Names = names!("tonic_resilience");

impl Default for &'static Names {
    fn default() -> Self {
        &DEFAULT
    }
}

/// Gives a layer its names.
#[cfg(any(feature = "client", feature = "server"))]
macro_rules! with_names {
    ($($field:ident).+) => {
        /// Sets the names in spans and errors; by default they begin with `tonic_resilience`.
        #[must_use]
        pub fn names(mut self, names: &'static $crate::names::Names) -> Self {
            self.$($field).+ = names;
            self
        }
    };
}

#[cfg(any(feature = "client", feature = "server"))]
pub(crate) use with_names;
