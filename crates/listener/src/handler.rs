use std::{convert::Infallible, error::Error};

use http::{Request, Response};
use http_body::Body;
use hyper::service::Service;

use crate::RequestBody;

/// An error of any type, as tower and hyper take it.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Answers the requests of a connection.
///
/// Implemented for all that fits: what [`hyper::service::service_fn`] makes of a function, and
/// [`TowerToHyperService`](hyper_util::service::TowerToHyperService) of a router.
pub trait Handler:
    Service<
        Request<RequestBody>,
        Response = Response<Self::Body>,
        Error = Infallible,
        Future: Send + 'static,
    > + Send
    + 'static
{
    /// The body of its answers.
    type Body: Body<Data: Send, Error: Into<BoxError>> + Send + 'static;
}

impl<S, B> Handler for S
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Body = B;
}
