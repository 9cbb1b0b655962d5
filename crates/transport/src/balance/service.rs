use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, Status, body::Body};
use tower::ServiceExt;
use tower_service::Service;

use super::{
    Policy,
    connect::Connect,
    discovery::Found,
    endpoint::{Condition, Endpoint},
    members::Members,
    policy::Picker,
};
use crate::{
    deadline::Deadline,
    ending::{EndFuture, Ended},
    span,
    stack::status_of_error,
};

/// A channel to all servers of a target: made by [`Balance::connect`](super::Balance::connect).
#[derive(Clone, Debug)]
pub struct Balanced {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: String,
    members: Members,
    picker: Picker,
    _task: AbortOnDropHandle<()>,
}

impl Balanced {
    pub(super) fn start(name: String, found: Found, policy: Policy, connect: Connect) -> Self {
        let members = Members::unknown();
        let task = tokio::spawn(members.clone().keep(found, connect));
        Self {
            shared: Arc::new(Shared {
                name,
                members,
                picker: Picker::new(policy),
                _task: AbortOnDropHandle::new(task),
            }),
        }
    }
}

impl Service<Request<Body>> for Balanced {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    /// Always: who is in is asked for each call.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            match shared.choose().await {
                Ok(endpoint) => Ok(shared.send(endpoint, request).await),
                Err(refusal) => Ok(refusal.into_http()),
            }
        })
    }
}

impl Shared {
    /// A server that is in; waits while that is not known.
    async fn choose(&self) -> Result<Arc<Endpoint>, Status> {
        if let Some(chosen) = self.choose_now() {
            return chosen;
        }
        let mut changes = self.members.changes();
        loop {
            if let Some(chosen) = self.choose_now() {
                return chosen;
            }
            if changes.changed().await.is_err() {
                return Err(self.refusal());
            }
        }
    }

    /// A server that is in, or the refusal when all are out; `None` while that is not known.
    fn choose_now(&self) -> Option<Result<Arc<Endpoint>, Status>> {
        let members = self.members.borrow();
        let members = members.as_ref()?;
        let are = |condition| move |endpoint: &&Arc<Endpoint>| endpoint.condition() == condition;
        // The silent ones are better than none.
        for condition in [Condition::Ready, Condition::Silent] {
            let candidates: Vec<_> = members.iter().filter(are(condition)).collect();
            if let Some(endpoint) = self.picker.pick(&candidates) {
                return Some(Ok(Arc::clone(endpoint)));
            }
        }
        let connecting = members
            .iter()
            .any(|endpoint| are(Condition::Connecting)(&endpoint));
        (!connecting).then(|| Err(self.refusal()))
    }

    async fn send(&self, endpoint: Arc<Endpoint>, request: Request<Body>) -> Response<Body> {
        span::attribute("network.peer.address", endpoint.authority.host().to_owned());
        span::attribute("network.peer.port", i64::from(endpoint.authority.port()));
        endpoint.running.fetch_add(1, Ordering::Relaxed);
        let running = Running {
            deadline: request.extensions().get().copied(),
            endpoint: Arc::clone(&endpoint),
        };
        let call = async {
            let result = endpoint.suspect_slow(endpoint.channel.clone().oneshot(request));
            let result = result.await.map_err(|error| status_of_error(error.into()));
            // A deadline says nothing yet: callers in a hurry must not take a server out.
            if result
                .as_ref()
                .is_err_and(|status| status.code() == Code::Unavailable)
            {
                // Out at once, and in again when the probe says so.
                self.members.set(&endpoint, Condition::Down);
                endpoint.suspected.notify_one();
            }
            result.map(lost_is_unavailable)
        };
        match EndFuture::new(call, running).await {
            Ok(response) => response,
            Err(status) => status.into_http(),
        }
    }

    /// Without details, as from the network: it names addresses, and is for the span alone.
    fn refusal(&self) -> Status {
        Status::unavailable(format!("no server of {} can be reached", self.name))
    }
}

/// A connection that is lost after the headers is `UNAVAILABLE` too; tonic calls it `UNKNOWN`.
fn lost_is_unavailable(response: Response<Body>) -> Response<Body> {
    response.map(|body| Body::new(body.map_err(|status| status_of_error(status.into()))))
}

/// A call that is under way.
struct Running {
    endpoint: Arc<Endpoint>,
    deadline: Option<Deadline>,
}

impl Ended for Running {
    fn ended(self, code: Code) {
        self.endpoint.running.fetch_sub(1, Ordering::Relaxed);
        let is_over = |deadline: Deadline| deadline.remaining().is_zero();
        let ran_out = code == Code::DeadlineExceeded
            || (code == Code::Cancelled && self.deadline.is_some_and(is_over));
        if ran_out || code == Code::Unavailable {
            self.endpoint.suspected.notify_one();
        }
    }
}
