//! W3C Trace Context and Baggage in and out of request headers, strict.
//!
//! What is malformed is not repaired: a bad `traceparent` starts a new trace, a bad `tracestate`
//! is left out and never costs a good `traceparent`. Spec: [Trace Context, Level 2][w3c].
//!
//! The propagator of the SDK passes 28 of the 41 cases of the public W3C harness: it reads only
//! the first of several headers, takes ids of any length, knows the grammar of Level 1, forgets
//! the random flag, and sends an empty `tracestate`.
//!
//! [w3c]: https://www.w3.org/TR/trace-context-2/

mod baggage;
mod carried;
mod headers;
mod propagator;
#[cfg(test)]
mod tests;
mod traceparent;
mod tracestate;
mod trust;

pub use baggage::BaggagePropagator;
pub(crate) use baggage::baggage_of;
pub(crate) use headers::header_name;
pub use headers::{Headers, HeadersMut};
pub use propagator::W3cPropagator;
pub(crate) use traceparent::traceparent;
pub use trust::{Trust, UnknownTrust};

use opentelemetry::{
    Context,
    trace::{Link, TraceContextExt as _},
};

/// A link to the span of this context, where there is one.
pub(crate) fn link_to(cx: &Context) -> Option<Link> {
    let span = cx.span();
    let named = span.span_context().is_valid();
    named.then(|| Link::with_context(span.span_context().clone()))
}
