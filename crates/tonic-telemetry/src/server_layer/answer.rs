use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use tonic::Status;

use crate::{
    BoxError,
    observe::{ResponseBody, ResponseFuture},
};

pin_project! {
    /// The future of the answer to a request. It does not fail: an error is answered as its status,
    /// as tonic's server would do, so that the layer also fits a router of axum.
    #[derive(Debug)]
    pub struct AnswerFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProjection]
    enum Kind<F> {
        Call { #[pin] inner: ResponseFuture<F> },
        /// A request that is no call, and is not recorded.
        Passing { #[pin] inner: F },
        /// The service below has failed before.
        Broken { status: Status },
    }
}

impl<F> AnswerFuture<F> {
    pub(super) fn call(inner: ResponseFuture<F>) -> Self {
        Self {
            kind: Kind::Call { inner },
        }
    }

    pub(super) fn passing(inner: F) -> Self {
        Self {
            kind: Kind::Passing { inner },
        }
    }

    pub(super) fn broken(status: Status) -> Self {
        Self {
            kind: Kind::Broken { status },
        }
    }
}

impl<F, R, E> Future for AnswerFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes>,
    E: Into<BoxError>,
{
    type Output = Result<Response<ResponseBody<R>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match self.project().kind.project() {
            KindProjection::Call { inner } => ready!(inner.poll(cx)),
            KindProjection::Passing { inner } => match ready!(inner.poll(cx)) {
                Ok(response) => Ok(response.map(ResponseBody::passing)),
                Err(error) => Err(Status::from_error(error.into())),
            },
            KindProjection::Broken { status } => Err(status.clone()),
        };
        Poll::Ready(Ok(answer.unwrap_or_else(Status::into_http)))
    }
}
