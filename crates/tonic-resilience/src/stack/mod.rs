//! The one shape of all middleware here: what goes in, what comes out, and what an error becomes.
//!
//! Each layer of this crate takes any [`Stack`] and is one again, so they fit in any order. Each
//! answers with [`tonic::body::Body`], and its calls do not fail: an error below becomes the gRPC
//! status that it stands for, in an answer. The layers above then see one kind of failure, not two.

mod call;
mod status;

pub use grpc_wire::{code_name, status_code as status_in_headers};

pub use self::{
    call::{CallFuture, Refused, refused},
    status::{answer, status_of_error, trailers},
};

use bytes::Bytes;
use http::{Request, Response};
use tonic::body::Body;
use tower::{BoxError, Service};

/// A tower stack from HTTP requests to HTTP responses.
///
/// Implemented for all that fits, such as layers over [`tonic::service::Routes`] on the server and
/// over [`tonic::transport::Channel`] on the client. A generated client takes one as its channel.
pub trait Stack:
    Service<
        Request<Body>,
        Response = Response<<Self as Stack>::Answer>,
        Error: Into<BoxError> + Send,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
{
    /// The body of its responses.
    type Answer: http_body::Body<Data = Bytes, Error: Into<BoxError> + Send> + Send + 'static;
}

impl<S, B> Stack for S
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError> + Send> + Send + 'static,
{
    type Answer = B;
}
