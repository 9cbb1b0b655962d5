use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use prometheus::IntCounter;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, Status, body::Body};
use tower::ServiceExt;
use tower_service::Service;

use super::{
    Balance,
    choice::{Refusal, choose},
    connect::Connected,
    discovery::Found,
    endpoint::{Condition, Stream},
    members::Members,
    policy::Picker,
    update::update,
};
use crate::{
    completion::{Completion, OnComplete},
    deadline::Deadline,
    errors::ErrorReply,
    response::HookFuture,
    span,
    stack::{refused, status_of_error},
};

/// How long a caller should wait when there is no free stream.
const RETRY_AFTER: Duration = Duration::from_millis(100);

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
    exhausted: IntCounter,
    _task: AbortOnDropHandle<()>,
}

impl Balanced {
    pub(super) fn start(name: String, found: Found, balance: Balance) -> Self {
        let members = Members::unknown();
        let update = update(members.clone(), found, balance.connect, balance.max_calls);
        Self {
            shared: Arc::new(Shared {
                name,
                members,
                picker: Picker::new(balance.policy),
                exhausted: balance.exhausted,
                _task: AbortOnDropHandle::new(tokio::spawn(update)),
            }),
        }
    }
}

impl Service<Request<Body>> for Balanced {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    /// Always ready: a server is chosen for each call.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            match choose(&shared.members, &shared.picker).await {
                Ok((stream, channel)) => Ok(shared.send(stream, channel, request).await),
                Err(Refusal::Unreachable) => Ok(shared.unreachable()),
                Err(Refusal::Full) => Ok(shared.full()),
            }
        })
    }
}

impl Shared {
    async fn send(
        &self,
        stream: Stream,
        connected: Connected,
        request: Request<Body>,
    ) -> Response<Body> {
        let endpoint = Arc::clone(&stream.endpoint);
        let Connected { channel, peer } = connected;
        let of_call = request.extensions().get::<span::Call>().cloned();
        let was_known = peer.is_known();
        peer.record(of_call.as_ref());
        let running = Running {
            deadline: request.extensions().get().copied(),
            stream,
        };
        let call = async {
            let result = endpoint.probe_when_slow(channel.oneshot(request));
            let result = result.await.map_err(|error| status_of_error(error.into()));
            if !was_known {
                peer.record(of_call.as_ref());
            }
            // No ejection for a missed deadline: the caller may have set a short one.
            if result
                .as_ref()
                .is_err_and(|status| status.code() == Code::Unavailable)
            {
                // Ejected at once, and healthy again when it answers the probe.
                self.members.set(&endpoint, Condition::Ejected);
                endpoint.probe_requested.notify_one();
            }
            result.map(lost_is_unavailable)
        };
        match HookFuture::pass(call, Completion::new(running)).await {
            Ok(response) => response,
            Err(status) => status.into_http(),
        }
    }

    /// Without details, so that only the span gets the message, which names addresses.
    fn unreachable(&self) -> Response<Body> {
        Status::unavailable(format!("no server of {} can be reached", self.name)).into_http()
    }

    /// The servers may be healthy: the call was refused before it was sent.
    fn full(&self) -> Response<Body> {
        self.exhausted.inc();
        span::event("streams_exhausted");
        tracing::debug!(target = self.name, "no free stream, a call is refused");
        let message = "too many calls to the next hop are under way";
        let reply = ErrorReply::new(Code::ResourceExhausted, "STREAMS_EXHAUSTED", message);
        refused(reply.retry_after(RETRY_AFTER).into_status())
    }
}

/// A connection that is lost after the headers is `UNAVAILABLE` too; tonic calls it `UNKNOWN`.
fn lost_is_unavailable(response: Response<Body>) -> Response<Body> {
    response.map(|body| Body::new(body.map_err(|status| status_of_error(status.into()))))
}

/// A call that is under way.
struct Running {
    stream: Stream,
    deadline: Option<Deadline>,
}

impl OnComplete for Running {
    fn complete(self, code: Code) {
        let is_over = |deadline: Deadline| deadline.remaining().is_zero();
        let ran_out = code == Code::DeadlineExceeded
            || (code == Code::Cancelled && self.deadline.is_some_and(is_over));
        if ran_out || code == Code::Unavailable {
            self.stream.endpoint.probe_requested.notify_one();
        }
    }
}
