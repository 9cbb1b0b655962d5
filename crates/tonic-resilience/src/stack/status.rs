use std::{error::Error, io};

use bytes::Bytes;
use http::{HeaderMap, Response};
use tonic::{Code, ConnectError, Status, TimeoutExpired, body::Body};
use tower::BoxError;

/// An answer from what a [`Stack`](super::Stack) gave: an error becomes its status.
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
/// tonic calls both `CANCELLED`, which is the word for a caller who went away.
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
