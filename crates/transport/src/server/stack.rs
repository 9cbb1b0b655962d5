use bytes::Bytes;
use http::{Request, Response};
use tonic::body::Body;
use tower::{BoxError, Service};

/// What can be served: any tower stack from HTTP requests to HTTP responses.
///
/// Implemented for all that fits, such as layers over [`tonic::service::Routes`]. The same stack
/// can also be called in process: a generated client takes it as its channel.
pub trait Stack:
    Service<
        Request<Body>,
        Response = Response<<Self as Stack>::Answer>,
        Error: Into<BoxError> + Send,
        Future: Send,
    > + Clone
    + Send
    + 'static
{
    /// The body of its responses.
    type Answer: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
}

impl<S, B> Stack for S
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Answer = B;
}
