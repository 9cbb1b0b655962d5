use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use grpc_wire::CallStatus;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body::Body;
use opentelemetry::trace::SpanContext;
use pin_project_lite::pin_project;
use prometheus::IntCounter;
use tonic::Status;

use super::{ObservedCall, ResponseBody, messages::MessageCounter, part::Part};
use crate::{BoxError, propagation::traceparent};

pin_project! {
    /// The future of a call. It is ready at the headers of the answer; then the body has the call.
    ///
    /// An error becomes the [`Status`] that tonic would make of it, so that what is recorded is
    /// what the caller sees.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        part: Part<F>,
        announces: bool,
        sent: Option<IntCounter>,
    }
}

impl<F> ResponseFuture<F> {
    /// Starts the inner call, in the scope of the observed one. Where it `announces`, the trace id goes
    /// into the headers of the answer; `sent` counts the messages of the answer.
    pub(crate) fn new(
        mut call: ObservedCall,
        announces: bool,
        sent: Option<IntCounter>,
        start: impl FnOnce() -> F,
    ) -> Self {
        let inner = call.run(start);
        Self {
            part: Part::new(inner, call),
            announces,
            sent,
        }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
    E: Into<BoxError>,
{
    type Output = Result<Response<ResponseBody<R>>, Status>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let answer = ready!(this.part.as_mut().poll(cx));
        let mut call = this.part.take_call();
        Poll::Ready(match answer {
            Ok(mut response) => {
                if let (true, Some(span)) = (*this.announces, call.span()) {
                    announce(span.span_context(), response.headers_mut());
                }
                Ok(carry_on(call, response, this.sent.take()))
            }
            Err(error) => {
                let status = Status::from_error(error.into());
                call.end(&CallStatus::from(&status));
                Err(status)
            }
        })
    }
}

/// Ends the call if the headers have its status; otherwise its body ends it.
fn carry_on<R: Body>(
    mut call: ObservedCall,
    response: Response<R>,
    sent: Option<IntCounter>,
) -> Response<ResponseBody<R>> {
    call.answered(response.headers());
    if let Some(status) = CallStatus::from_headers(response.headers()) {
        call.end(&status);
    }
    let (http_status, sent) = (response.status(), sent.map(MessageCounter::new));
    response.map(|body| ResponseBody::new(body, call, http_status, sent))
}

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Tells the caller which trace to look at: `x-trace-id` for people, `traceresponse` for tools.
///
/// Spec: [Trace Context, `traceresponse`][spec] (a draft).
///
/// [spec]: https://w3c.github.io/trace-context/#traceresponse-header
fn announce(span: &SpanContext, headers: &mut HeaderMap) {
    let traceresponse = Bytes::from(traceparent(span));
    // The digits between the version and the parent.
    let trace_id = traceresponse.slice(3..35);
    for (name, value) in [(TRACE_ID, trace_id), (TRACERESPONSE, traceresponse)] {
        let value = HeaderValue::from_maybe_shared(value);
        let mut value = value.expect("hexadecimal digits and dashes are valid");
        // HTTP/2 need not remember it: no other answer has it.
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}
