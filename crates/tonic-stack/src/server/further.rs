//! Layers of the program's own, within the stack of a server.

use std::{
    convert::Infallible,
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

use http::{Request, Response};
use tonic::body::Body;
use tonic_resilience::stack::{Stack, answer};
use tower::{
    Layer, ServiceExt as _,
    util::{BoxCloneSyncService, Either},
};

/// Where a layer of the program's own stands in the stack of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Inside the span and the log line, outside all that refuses a call: it sees each call, and
    /// each answer as the caller gets it.
    Call,
    /// Where the caller is known, outside the limits by caller.
    Caller,
    /// Next to the handlers, inside what catches their panics.
    Handler,
}

/// The layers within a layer: what a layer of the program's own gets to wrap.
pub type Inner = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// The layers at one position. Without any, a call costs what it costs without the position.
#[derive(Clone, Default)]
pub(super) struct Further(Vec<Arc<dyn Fn(Inner) -> Inner + Send + Sync>>);

impl Further {
    /// Adds a layer outside of those that are there.
    pub(super) fn add<L>(&mut self, layer: L)
    where
        L: Layer<Inner, Service: Stack + Sync> + Send + Sync + 'static,
    {
        self.0
            .push(Arc::new(move |inner| boxed(layer.layer(inner))));
    }
}

impl<S> Layer<S> for Further
where
    S: Stack<ResponseBody = Body, Error = Infallible> + Sync,
{
    type Service = Either<Inner, S>;

    fn layer(&self, inner: S) -> Self::Service {
        if self.0.is_empty() {
            return Either::Right(inner);
        }
        let inner = boxed(inner);
        Either::Left(self.0.iter().fold(inner, |inner, layer| layer(inner)))
    }
}

fn boxed<S: Stack + Sync>(service: S) -> Inner {
    let call = move |request| {
        let answered = service.clone().oneshot(request);
        async move { Ok(answer(answered.await)) }
    };
    BoxCloneSyncService::new(tower::service_fn(call))
}

impl Debug for Further {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} layers", self.0.len())
    }
}
