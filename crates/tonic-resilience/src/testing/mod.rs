//! What the tests of all middleware share: requests, handlers, and how an answer is read.

pub(crate) mod backend;
pub(crate) mod wire;

use std::convert::Infallible;

use bytes::Bytes;
use grpc_wire::status_code;
use http::{HeaderMap, Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tonic::{Code, Status, body::Body};
use tower::{ServiceExt, service_fn};

use crate::stack::{Stack, answer};

pub(crate) const PATH: &str = "/tracewalk.user.v1.UserService/GetUser";

/// One empty message in its gRPC frame.
pub(crate) const MESSAGE: &[u8] = b"\0\0\0\0\0";

/// A unary call with one empty message.
pub(crate) fn request() -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(PATH)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(http_body_util::Full::from(MESSAGE)))
        .expect("a request of constants is valid")
}

/// The innermost service of a test.
pub(crate) fn handler<F>(
    answer: impl Fn(Request<Body>) -> F + Clone + Send + 'static,
) -> impl Stack<ResponseBody = Body>
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    service_fn(move |request| {
        let call = answer(request);
        async move { Ok::<_, Infallible>(call.await) }
    })
}

/// An answer with one message and the code in its trailers.
pub(crate) fn answer_in_trailers(code: Code) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    Status::new(code, "")
        .add_header(&mut trailers)
        .expect("a code is a header value");
    let frames = [
        Ok::<_, Infallible>(Frame::data(Bytes::from_static(MESSAGE))),
        Ok(Frame::trailers(trailers)),
    ];
    Response::new(Body::new(StreamBody::new(futures_util::stream::iter(
        frames,
    ))))
}

/// An answer without a message and with the code in its headers.
pub(crate) fn answer_in_headers(code: Code) -> Response<Body> {
    Status::new(code, "").into_http()
}

/// Calls the stack when it is ready.
pub(crate) async fn call(stack: impl Stack, request: Request<Body>) -> Response<Body> {
    answer(stack.oneshot(request).await)
}

/// The code of an answer, wherever it stands.
pub(crate) async fn code_of(response: Response<Body>) -> Code {
    if let Some(code) = status_code(response.headers()) {
        return code;
    }
    match response.into_body().collect().await {
        Ok(body) => body
            .trailers()
            .and_then(status_code)
            .unwrap_or(Code::Unknown),
        Err(status) => status.code(),
    }
}

/// Calls, and reads the code.
pub(crate) async fn code(stack: impl Stack, request: Request<Body>) -> Code {
    code_of(call(stack, request).await).await
}

/// The sum of the series of one name, for counters and gauges of whole numbers.
pub(crate) fn metric(registry: &prometheus::Registry, name: &str) -> i64 {
    let text = prometheus::TextEncoder::new()
        .encode_to_string(&registry.gather())
        .expect("metrics are text");
    let of_name = |line: &&str| {
        line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} "))
    };
    let value = |line: &str| -> i64 {
        let value = line.rsplit(' ').next().expect("a value");
        value.parse().expect("a whole number")
    };
    text.lines().filter(of_name).map(value).sum()
}
