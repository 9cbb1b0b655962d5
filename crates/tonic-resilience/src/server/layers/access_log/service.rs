use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::body::Body;
use tower_service::Service;

use super::{AccessLogLayer, record::Record};
use crate::{completion::CompletionFuture, stack::Stack};

/// Logs each call when it is over: made by [`AccessLogLayer`].
#[derive(Clone, Debug)]
pub struct AccessLog<S> {
    inner: S,
    settings: Arc<AccessLogLayer>,
}

impl<S> AccessLog<S> {
    pub(super) fn new(inner: S, settings: AccessLogLayer) -> Self {
        Self {
            inner,
            settings: Arc::new(settings),
        }
    }
}

impl<S: Stack> Service<Request<Body>> for AccessLog<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = CompletionFuture<S::Future, Option<Record>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let left_out = self.settings.leaves_out(request.uri().path());
        let record = (!left_out).then(|| Record::of(&request, &self.settings));
        CompletionFuture::new(self.inner.call(request), record)
    }
}
