use std::{
    sync::Arc,
    task::{Context, Poll},
};

use grpc_wire::MessageReader;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE},
};
use tonic::{Code, body::Body};
use tower_service::Service;

use super::{
    CallersFault, StrictFuture, ValidateProtocolLayer, answer::Call, body::StrictBody, fault,
};
use crate::stack::Stack;

/// Refuses what is not proper gRPC: made by [`ValidateProtocolLayer`].
#[derive(Clone, Debug)]
pub struct ValidateProtocol<S> {
    inner: S,
    rules: Arc<ValidateProtocolLayer>,
}

impl<S> ValidateProtocol<S> {
    pub(super) fn new(inner: S, rules: ValidateProtocolLayer) -> Self {
        Self {
            inner,
            rules: Arc::new(rules),
        }
    }

    /// The answer to a request that is at fault in its head.
    fn refuse(&self, request: &Request<Body>) -> Option<Response<Body>> {
        if request.method() != Method::POST {
            let message = "the HTTP method is not POST";
            let status = fault(Code::InvalidArgument, "WRONG_HTTP_METHOD", message);
            let mut refusal = status.into_http();
            *refusal.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("POST");
            refusal.headers_mut().insert(ALLOW, allowed);
            return Some(refusal);
        }
        if !is_grpc(request.headers()) {
            let message = "the content type is not gRPC, expected application/grpc";
            let status = fault(Code::InvalidArgument, "WRONG_CONTENT_TYPE", message);
            let mut refusal = status.into_http();
            *refusal.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Some(refusal);
        }
        let limit = self.rules.limits.metadata_bytes;
        if size_of(request.headers()) > limit {
            let message = format!("the metadata is larger than the limit of {limit} bytes");
            let status = fault(Code::ResourceExhausted, "METADATA_TOO_LARGE", message);
            return Some(status.into_http());
        }
        None
    }
}

impl<S: Stack> Service<Request<Body>> for ValidateProtocol<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = StrictFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let call = Call {
            rules: Arc::clone(&self.rules),
            path: request.uri().path_and_query().cloned(),
            callers_fault: CallersFault::default(),
        };
        if let Some(mut refusal) = self.refuse(&request) {
            call.callers_fault.note();
            call.end(refusal.headers_mut());
            return StrictFuture::refuse(refusal);
        }
        let callers_fault = call.callers_fault.clone();
        request.extensions_mut().insert(callers_fault.clone());
        let takes_one = self.rules.takes_one_message(request.uri().path());
        let messages = MessageReader::new(request.headers(), self.rules.limits.message_bytes);
        let request = request
            .map(|body| Body::new(StrictBody::new(body, messages, takes_one, callers_fault)));
        StrictFuture::pass(self.inner.call(request), call)
    }
}

/// `application/grpc`, alone or with a suffix such as `+proto` or parameters.
fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    content_type
        .strip_prefix(b"application/grpc")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// Names and values with 32 bytes for each pair, as HTTP/2 counts them.
fn size_of(headers: &HeaderMap) -> usize {
    let pair = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + 32
    };
    headers.iter().map(pair).sum()
}
