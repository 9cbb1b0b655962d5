//! Layers of the program's own, within a stack.

use std::{
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

/// The layers within a layer: what a layer of the program's own gets to wrap. `E` is the error of
/// the stack at that place; a call never ends with it, but with an answer that has its status.
pub(crate) type Inner<E> = BoxCloneSyncService<Request<Body>, Response<Body>, E>;

/// The layers at one position. Without any, a call costs what it costs without the position.
pub struct OwnLayers<E>(Vec<Wrap<E>>);

type Wrap<E> = Arc<dyn Fn(Inner<E>) -> Inner<E> + Send + Sync>;

impl<E: Send + 'static> OwnLayers<E> {
    /// Adds a layer, outside of those that are there.
    #[must_use]
    pub fn with<L>(mut self, layer: L) -> Self
    where
        L: Layer<Inner<E>, Service: Stack + Sync> + Send + Sync + 'static,
    {
        self.0
            .push(Arc::new(move |inner| boxed(layer.layer(inner))));
        self
    }
}

impl<S, E> Layer<S> for OwnLayers<E>
where
    S: Stack<ResponseBody = Body, Error = E> + Sync,
    E: Send + 'static,
{
    type Service = Either<Inner<E>, S>;

    fn layer(&self, inner: S) -> Self::Service {
        if self.0.is_empty() {
            return Either::Right(inner);
        }
        let inner = boxed(inner);
        Either::Left(self.0.iter().fold(inner, |inner, layer| layer(inner)))
    }
}

fn boxed<S: Stack + Sync, E: Send + 'static>(service: S) -> Inner<E> {
    let call = move |request| {
        let answered = service.clone().oneshot(request);
        async move { Ok(answer(answered.await)) }
    };
    BoxCloneSyncService::new(tower::service_fn(call))
}

impl<E> Clone for OwnLayers<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E> Default for OwnLayers<E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<E> Debug for OwnLayers<E> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} layers", self.0.len())
    }
}
