use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use grpc_wire::{MessageReader, is_grpc, status_code};
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header::ALLOW, response::Parts,
    uri::PathAndQuery,
};
use tonic::{Code, body::Body};
use tower_service::Service;

use super::{RequestFault, ValidateProtocolLayer, explain, messages::Messages};
use crate::{
    response::{Hook, HookBody, HookFuture, Next, response_future},
    stack::Stack,
};

/// Refuses what is not proper gRPC: made by [`ValidateProtocolLayer`].
#[derive(Clone, Debug)]
pub struct ValidateProtocol<S> {
    pub(super) inner: S,
    pub(super) rules: Arc<ValidateProtocolLayer>,
}

impl<S> ValidateProtocol<S> {
    /// The answer to a request that is at fault in its head.
    fn refuse(&self, request: &Request<Body>) -> Option<Response<Body>> {
        if request.method() != Method::POST {
            let message = "the HTTP method is not POST";
            let status = self
                .rules
                .fault(Code::InvalidArgument, "WRONG_HTTP_METHOD", message);
            let mut refusal = status.into_http();
            *refusal.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("POST");
            refusal.headers_mut().insert(ALLOW, allowed);
            return Some(refusal);
        }
        if !is_grpc(request.headers()) {
            let message = "the content type is not gRPC, expected application/grpc";
            let status = self
                .rules
                .fault(Code::InvalidArgument, "WRONG_CONTENT_TYPE", message);
            let mut refusal = status.into_http();
            *refusal.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Some(refusal);
        }
        let limit = self.rules.limits.metadata_bytes;
        if size_of(request.headers()) > limit {
            let message = format!("the metadata is larger than the limit of {limit} bytes");
            let status = self
                .rules
                .fault(Code::ResourceExhausted, "METADATA_TOO_LARGE", message);
            return Some(status.into_http());
        }
        None
    }
}

impl<S: Stack> Service<Request<Body>> for ValidateProtocol<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let call = Call {
            rules: Arc::clone(&self.rules),
            path: request.uri().path_and_query().cloned(),
            request_fault: RequestFault::default(),
        };
        if let Some(mut refusal) = self.refuse(&request) {
            call.request_fault.note();
            call.end(refusal.headers_mut());
            return HookFuture::answer(refusal).into();
        }
        let request_fault = call.request_fault.clone();
        request.extensions_mut().insert(request_fault.clone());
        let messages = Messages {
            reader: MessageReader::new(request.headers(), self.rules.limits.message_bytes),
            takes_one: self.rules.takes_one_message(request.uri().path()),
            rules: Arc::clone(&self.rules),
            request_fault,
        };
        let body = mem::take(request.body_mut());
        *request.body_mut() = Body::new(HookBody::new(body, messages));
        HookFuture::pass(self.inner.call(request), call).into()
    }
}

response_future! {
    /// The response future of [`ValidateProtocol`].
    Call
}

/// Completes a status that is an error, in the headers or in the trailers.
#[derive(Clone, Debug)]
struct Call {
    rules: Arc<ValidateProtocolLayer>,
    path: Option<PathAndQuery>,
    request_fault: RequestFault,
}

impl Call {
    /// Completes an error, and counts it if the request is at fault.
    fn end(&self, headers: &mut HeaderMap) {
        let path = self.path.as_ref().map_or("", PathAndQuery::path);
        explain::complete(headers, path, &self.rules, &self.request_fault);
        if self.request_fault.is_noted()
            && let Some(code) = status_code(headers)
        {
            self.rules.count(path, code);
        }
    }
}

impl Hook for Call {
    fn headers(self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        if status_code(&headers.headers).is_none() {
            return Some(self.clone());
        }
        self.end(&mut headers.headers);
        None
    }

    fn frame(self: Pin<&mut Self>, mut next: Next) -> Next {
        if let Some(Ok(frame)) = &mut next
            && let Some(trailers) = frame.trailers_mut()
        {
            self.end(trailers);
        }
        next
    }
}

/// Names and values with 32 bytes for each pair, as HTTP/2 counts them.
fn size_of(headers: &HeaderMap) -> usize {
    let pair = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + 32
    };
    headers.iter().map(pair).sum()
}
