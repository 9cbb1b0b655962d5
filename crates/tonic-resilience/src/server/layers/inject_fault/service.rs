use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use opentelemetry::baggage::BaggageExt;
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::{Faults, InjectFaultFuture, KEY, ParseFaultError, plan::Plan};
use crate::{errors::ErrorReply, span, stack::Stack};

/// The number of this attempt, from 0. Spec: [gRFC A6][a6].
///
/// [a6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#exposed-retry-metadata
const PREVIOUS_ATTEMPTS: &str = "grpc-previous-rpc-attempts";

/// Does to calls what their baggage asks for: made by
/// [`InjectFaultLayer`](super::InjectFaultLayer).
#[derive(Clone, Debug)]
pub struct InjectFault<S> {
    inner: S,
    service: &'static str,
}

impl<S> InjectFault<S> {
    pub(super) fn new(inner: S, service: &'static str) -> Self {
        Self { inner, service }
    }
}

impl<S: Stack> Service<Request<Body>> for InjectFault<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = InjectFaultFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let plan = match asked() {
            Some(Ok(faults)) => self.plan(&faults, &request),
            Some(Err(error)) => Plan::refuse(refusal(&error)),
            None => Plan::default(),
        };
        InjectFaultFuture::new(plan, self.inner.call(request))
    }
}

impl<S> InjectFault<S> {
    /// Says which faults are for this call, on its span and in the log.
    fn plan(&self, faults: &Faults, request: &Request<Body>) -> Plan {
        let path = request.uri().path();
        let method = path.rsplit_once('/').map_or(path, |(_, method)| method);
        let previous = previous_attempts(request.headers());
        let mut plan = Plan::default();
        let ours = faults.iter().filter(|it| it.is_for(self.service, method));
        let done = ours.filter(|fault| plan.add(fault, previous));
        let done: Vec<_> = done.map(|fault| fault.kind.to_string()).collect();
        if !done.is_empty() {
            let fault = done.join("&");
            tracing::info!(fault, "fault injected");
            span::attribute(KEY, fault);
        }
        plan
    }
}

/// The faults in the baggage of this call.
fn asked() -> Option<Result<Faults, ParseFaultError>> {
    opentelemetry::Context::map_current(|context| {
        let faults = context.baggage().get(KEY)?;
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
