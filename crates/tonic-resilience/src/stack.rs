//! The type of service that all layers here take and return, and how errors become answers.
//!
//! Each layer of this crate takes any [`Stack`] and returns one, so they fit in any order. Each
//! answers with [`tonic::body::Body`], and its calls do not fail: an error from inside becomes an
//! answer with the gRPC status of that error. The layers above then see one kind of failure, not
//! two.

use std::{error::Error, io};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use tonic::{Code, ConnectError, Status, TimeoutExpired, body::Body};
use tower::{BoxError, Service};

/// A tower stack from HTTP requests to HTTP responses.
///
/// Implemented for all that fits, such as layers over [`tonic::service::Routes`] on the server and
/// over [`tonic::transport::Channel`] on the client. A generated client takes one as its channel.
pub trait Stack:
    Service<
        Request<Body>,
        Response = Response<<Self as Stack>::ResponseBody>,
        Error: Into<BoxError> + Send,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
{
    /// The body of its responses.
    type ResponseBody: http_body::Body<Data = Bytes, Error: Into<BoxError> + Send> + Send + 'static;
}

impl<S, B> Stack for S
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError> + Send> + Send + 'static,
{
    type ResponseBody = B;
}

/// Turns the result of a [`Stack`] into an answer: an error becomes its status.
pub fn answer<B, E>(result: Result<Response<B>, E>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
{
    match result {
        Ok(response) => response.map(Body::new),
        Err(error) => status_of_error(error.into()).into_http(),
    }
}

/// The status that an error stands for, with two corrections to tonic's own reading.
///
/// A timeout is `DEADLINE_EXCEEDED`, and a connection that ended under a call is `UNAVAILABLE`:
/// tonic calls both `CANCELLED`, which means that the caller went away.
/// Spec: [status codes](https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
#[must_use]
pub fn status_of_error(error: BoxError) -> Status {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if error.is::<TimeoutExpired>() {
            return Status::deadline_exceeded("the deadline is over");
        }
        if error.is::<ConnectError>() {
            return Status::unavailable("cannot connect");
        }
        if is_lost_connection(error) {
            return Status::unavailable("the connection was lost");
        }
        cause = error.source();
    }
    Status::from_error(error)
}

fn is_lost_connection(error: &(dyn Error + 'static)) -> bool {
    let in_hyper = |error: &hyper::Error| error.is_canceled() || error.is_closed();
    let in_http2 = |error: &h2::Error| error.is_io() || error.is_go_away();
    error.is::<io::Error>()
        || error.downcast_ref().is_some_and(in_hyper)
        || error.downcast_ref().is_some_and(in_http2)
}

/// The trailers that end a call with `status`.
///
/// A status that cannot be written as headers, because its metadata is damaged, is `INTERNAL`.
#[must_use]
pub fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    if status.add_header(&mut trailers).is_err() {
        trailers.insert("grpc-status", (Code::Internal as i32).into());
    }
    trailers
}

/// Marks an answer, by its extensions, as one of a layer of this process: no request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A refusal as an answer, marked with [`Refused`].
#[must_use]
pub fn refused(refusal: Status) -> Response<Body> {
    let mut response = refusal.into_http();
    response.extensions_mut().insert(Refused);
    response
}
