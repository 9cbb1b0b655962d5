use std::{
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use opentelemetry_http::HeaderExtractor;
use tonic::Status;
use tower_service::Service;

use super::{TraceServerLayer, authority, layer::ObservedMethod};
use crate::{
    BoxError,
    call::{CallStart, ObservedCall, RequestBody, ResponseBody, ResponseFuture, first_attributes},
    rpc::Side,
};

/// The service that [`TraceServerLayer`] puts around another.
#[derive(Clone, Debug)]
pub struct TraceServer<S> {
    inner: S,
    // Shared: the service is cloned for each request.
    layer: Arc<TraceServerLayer>,
}

impl<S> TraceServer<S> {
    pub(super) fn new(inner: S, layer: Arc<TraceServerLayer>) -> Self {
        Self { inner, layer }
    }

    fn observe<B>(&self, observed: &ObservedMethod, request: &Request<B>) -> ObservedCall {
        let mut attributes = first_attributes(&observed.method, request.uri().path());
        attributes.extend(authority::attributes(request));
        let remote = self.layer.propagator.extract_with_context(
            // Not the current one: what happens to be active here is no part of the call.
            &opentelemetry::Context::new(),
            &HeaderExtractor(request.headers()),
        );
        let start = CallStart {
            side: Side::Server,
            method: &observed.method,
            parent: remote,
            attributes,
            durations: Arc::clone(&observed.durations),
        };
        ObservedCall::start(&self.layer.tracer, start)
    }
}

impl<S, B, R> Service<Request<B>> for TraceServer<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = Status;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Status::from_error(error.into()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = Arc::clone(&self.layer);
        let observed = layer.methods.get(request.uri().path());
        let counters = &observed.counters;
        counters.started.inc();
        let call = self.observe(observed, &request);
        let (context, received) = (call.context().clone(), counters.received.clone());
        let request = request.map(|body| RequestBody::new(body, context, Some(received)));
        ResponseFuture::new(call, || self.inner.call(request))
            .announcing(layer.announces)
            .counting(counters.sent.clone())
    }
}
