use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use grpc_wire::Side;
use http::{HeaderMap, Request, Response};
use http_body::Body as HttpBody;
use opentelemetry::{KeyValue, trace::SpanKind};
use tonic::{Status, body::Body};
use tower_service::Service;

use super::{Role, TraceClientLayer};
use crate::{
    BoxError,
    observe::{
        CallStart, ObservedCall, ObservedMethod, RequestBody, ResponseBody, ResponseFuture,
        first_attributes,
    },
    propagation::HeadersMut,
};

/// The service that [`TraceClientLayer`] puts around another.
#[derive(Clone, Debug)]
pub struct TraceClient<S> {
    inner: S,
    // Shared: a client is cloned for each call.
    layer: Arc<TraceClientLayer>,
}

impl<S> TraceClient<S> {
    pub(super) fn new(inner: S, layer: Arc<TraceClientLayer>) -> Self {
        Self { inner, layer }
    }

    fn observe(&self, observed: &ObservedMethod, path: &str) -> ObservedCall {
        let current = opentelemetry::Context::current();
        let (kind, parent) = match self.layer.role {
            Role::Call if observed.traced => (SpanKind::Client, count_attempts(&current)),
            Role::Call => (SpanKind::Client, current),
            // The call has a CLIENT span already: a second would be counted as another call.
            Role::Attempt { .. } => (SpanKind::Internal, current),
        };
        let start = CallStart {
            side: Side::Client,
            kind,
            method: observed,
            unproven: None,
            parent,
            link: None,
            current_span: false,
        };
        ObservedCall::start(&self.layer.tracer, start, |parent| {
            let mut attributes = first_attributes(Some(&observed.method), path);
            attributes.extend_from_slice(&self.layer.peer);
            if let Role::Attempt { number } = self.layer.role {
                attributes.extend(attempt_number(parent, number));
            }
            attributes
        })
    }

    /// Writes the context of the call into the headers, in place of any other context.
    ///
    /// An unsampled context is written too: the peer must not sample the trace, and logs its id.
    fn inject(&self, call: &ObservedCall, headers: &mut HeaderMap) {
        // Metadata that a handler passes on may still name another span.
        for field in &self.layer.fields {
            headers.remove(field);
        }
        let propagator = &self.layer.propagator;
        propagator.inject_context(call.context(), &mut HeadersMut(headers));
    }
}

impl<S, R> Service<Request<Body>> for TraceClient<S>
where
    S: Service<Request<Body>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: HttpBody<Data = Bytes>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = Status;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Status::from_error(error.into()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let layer = Arc::clone(&self.layer);
        let path = request.uri().path();
        let observed = layer.methods.get(path, request.extensions());
        let call = self.observe(observed, path);
        if layer.injects {
            self.inject(&call, request.headers_mut());
        }
        if observed.method.kind.streams_requests() {
            // A stream makes its messages while its body is polled; a single message is there.
            let body = mem::take(request.body_mut());
            let context = call.context().clone();
            *request.body_mut() = Body::new(RequestBody::new(body, context, None));
        }
        ResponseFuture::new(call, false, None, || self.inner.call(request))
    }
}

/// How many attempts one call has had. The counter is in the context of the call, not in the
/// request, because a retry may build a new request.
#[derive(Debug, Default)]
struct Attempts(AtomicI64);

/// The context with a new counter of attempts.
fn count_attempts(context: &opentelemetry::Context) -> opentelemetry::Context {
    context.with_value(Attempts::default())
}

/// The number of an attempt that starts in this context; `None` outside of an observed call.
fn attempt_number(context: &opentelemetry::Context, name: &'static str) -> Option<KeyValue> {
    let Attempts(attempts) = context.get()?;
    let number = attempts.fetch_add(1, Ordering::Relaxed) + 1;
    Some(KeyValue::new(name, number))
}
