//! Faults that a caller asks for: how the mechanisms of this crate are seen at work.
//!
//! The faults are in the call's W3C baggage entry [`fault`](crate::names::Names::fault), so only
//! this call fails, and a fault can reach a hop that the caller does not call itself:
//!
//! ```text
//! baggage: shop.fault=profile/GetProfile:delay=800ms&user:error_rate=0.5
//! ```
//!
//! | fault | what happens to the call |
//! |---|---|
//! | `delay=800ms` | it waits before the handler; goes with each of the others |
//! | `error=UNAVAILABLE` | it fails with this code |
//! | `fail_first=2` | its first two attempts fail with `UNAVAILABLE` |
//! | `error_rate=0.5` | it fails with `UNAVAILABLE`, with this probability |
//! | `hang` | it is never answered |
//! | `panic` | the handler panics |
//! | `drop_context` | the handler runs without its trace: the next hop begins another |
//!
//! When several faults end a call, the first one counts. Whoever can send baggage can ask for
//! faults, so a production server has no such layer. Visible as the span attribute
//! [`fault`](crate::names::Names::fault), and an info log line. A fault that cannot be parsed is
//! refused with `INVALID_ARGUMENT`: otherwise a typo would look like a system that survives the
//! fault. With `hidden&` before the faults, spans, log lines and messages do not name them: for exercises
//! in which somebody is to find the fault by what it does.

mod fault;
mod injection;
mod parse;

#[cfg(test)]
mod tests;

pub use self::{
    fault::{Fault, Faults, Kind, asks_for_hidden},
    parse::ParseFaultError,
};

use std::{
    future::poll_fn,
    pin::pin,
    task::{self, Poll},
};

use http::{HeaderMap, Request, Response};
use opentelemetry::{Context, baggage::BaggageExt};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use self::injection::{Injection, Plan};
use crate::{
    errors::ErrorReply,
    names::{Names, with_names},
    response::{Hook as _, HookFuture, response_future},
    span,
    stack::Stack,
};

/// Injects the faults in a call's baggage. Right around the handlers, inside all other layers:
/// a fault stands for a handler that fails.
///
/// ```
/// # use tonic_resilience::server::layers::{catch_panic::CatchPanicLayer, inject_fault::InjectFaultLayer};
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(CatchPanicLayer)
///     .layer(InjectFaultLayer::new("profile"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InjectFaultLayer {
    service: &'static str,
    names: &'static Names,
}

impl InjectFaultLayer {
    /// Injects the faults that are for the service of this name.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        let names = Default::default();
        Self { service, names }
    }

    with_names!(names);

    /// Injects faults into work that is no call, such as the handling of a message: those in the
    /// baggage of the current context that are for `method` of this service. The work was tried
    /// `previous` times before.
    ///
    /// # Errors
    ///
    /// The failure that was asked for.
    ///
    /// # Panics
    ///
    /// Where a panic was asked for.
    pub async fn inject(&self, method: &str, previous: u32) -> Result<(), Status> {
        let mut injection = pin!(Injection::new(self.plan(method, previous)));
        poll_fn(|cx| injection.as_mut().poll(cx, |_| Poll::Ready(()))).await
    }

    /// The faults for this call; notes them on its span and in the log.
    fn plan(&self, method: &str, previous: u32) -> Plan {
        let faults = match asked(self.names.fault) {
            Some(Ok(faults)) => faults,
            Some(Err(error)) => return Plan::refuse(refusal(&error)),
            None => return Plan::default(),
        };
        let mut plan = Plan::new(faults.are_hidden());
        let ours = faults.iter().filter(|it| it.is_for(self.service, method));
        let done = ours.filter(|fault| plan.add(fault, previous));
        let done: Vec<_> = done.map(|fault| fault.kind.to_string()).collect();
        if faults.are_hidden() {
            tracing::debug!(count = done.len(), "hidden faults injected");
        } else if !done.is_empty() {
            // What stands behind `&name=` is hidden in telemetry, as in the query of a URL.
            let fault = done.join(",");
            tracing::info!(fault, "fault injected");
            span::attribute(self.names.fault, fault);
        }
        plan
    }
}

impl<S> Layer<S> for InjectFaultLayer {
    type Service = InjectFault<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InjectFault {
            inner,
            rules: *self,
        }
    }
}

/// The number of this attempt, from 0. Spec: [gRFC A6][a6].
///
/// [a6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#exposed-retry-metadata
const PREVIOUS_ATTEMPTS: &str = "grpc-previous-rpc-attempts";

/// Injects the faults in a call's baggage: made by [`InjectFaultLayer`].
#[derive(Clone, Debug)]
pub struct InjectFault<S> {
    inner: S,
    rules: InjectFaultLayer,
}

impl<S: Stack> Service<Request<Body>> for InjectFault<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path();
        let method = path.rsplit_once('/').map_or(path, |(_, method)| method);
        let plan = self
            .rules
            .plan(method, previous_attempts(request.headers()));
        // The call does nothing before it is polled.
        HookFuture::pass(self.inner.call(request), Injection::new(plan)).into()
    }
}

response_future! {
    /// The response future of [`InjectFault`].
    Injection
}

/// The faults in the baggage of this call.
fn asked(key: &'static str) -> Option<Result<Faults, ParseFaultError>> {
    Context::map_current(|context| {
        let faults = context.baggage().get(key)?;
        Some(faults.as_str().parse())
    })
}

fn previous_attempts(headers: &HeaderMap) -> u32 {
    let header = headers.get(PREVIOUS_ATTEMPTS);
    let number = header.and_then(|value| value.to_str().ok()?.parse().ok());
    number.unwrap_or(0)
}

fn refusal(error: &ParseFaultError) -> Status {
    ErrorReply::new(Code::InvalidArgument, "FAULT_INVALID", error.to_string()).into_status()
}
