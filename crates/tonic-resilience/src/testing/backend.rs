//! A real server on a real socket, which can be killed.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::{net::TcpListener, runtime::Runtime};
use tonic::{Code, Status, body::Body, service::Routes};
use tower::ServiceExt;

use super::{answer_in_trailers, handler};
use crate::{
    client::target::Authority,
    server::{Server, health::Health},
    stack::answer,
};

/// The path of a call that is never answered.
pub(crate) const HANG: &str = "/t.T/Hang";

/// The path of a call that is answered without end.
pub(crate) const FLOOD: &str = "/t.T/Flood";

/// The path of a call that gets headers and nothing more.
pub(crate) const BEGIN: &str = "/t.T/Begin";

type NoFrame = Result<Frame<Bytes>, Status>;

/// A server in a runtime of its own: dropping it closes its sockets, as a kill does.
pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    pub(crate) health: Health,
    calls: Arc<AtomicUsize>,
    /// Taken out on drop: a runtime must not be dropped inside of the test's own runtime.
    runtime: Option<Runtime>,
}

impl Backend {
    /// Starts at a free port.
    pub(crate) fn start() -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into())
    }

    /// Starts at the address of one that was killed.
    pub(crate) fn start_at(address: SocketAddr) -> Self {
        Self::start_as(Server::default(), address, true, Code::Ok)
    }

    /// Starts one that says nothing of its health, and answers each call with `code`.
    pub(crate) fn start_without_health(code: Code) -> Self {
        Self::start_as(Server::default(), ([127, 0, 0, 1], 0).into(), false, code)
    }

    /// Starts one with these limits.
    pub(crate) fn start_with(limits: Server) -> Self {
        Self::start_as(limits, ([127, 0, 0, 1], 0).into(), true, Code::Ok)
    }

    fn start_as(limits: Server, address: SocketAddr, tells_health: bool, code: Code) -> Self {
        let runtime = one_worker();
        let listener = listen(address);
        let address = listener.local_addr().expect("a bound socket");
        let (health, service) = Health::new(&[]);
        health.set_serving(true);
        let routes = if tells_health {
            Routes::new(service)
        } else {
            Routes::default()
        };
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let stack = handler(move |request: Request<Body>| {
            let routes = routes.clone();
            let counted = Arc::clone(&counted);
            async move {
                if request.uri().path().starts_with("/grpc.health.v1.Health/") {
                    return answer(routes.oneshot(request).await);
                }
                counted.fetch_add(1, Ordering::SeqCst);
                reply(request.uri().path(), code).await
            }
        });
        let served = health.clone();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("in a runtime");
            let never = pending();
            limits.serve(listener, stack, served, never).await
        });
        Self {
            address,
            health,
            calls,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn authority(&self) -> Authority {
        self.address.into()
    }

    /// Calls so far, those of the health service left out.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn reply(path: &str, code: Code) -> Response<Body> {
    match path {
        HANG => pending().await,
        FLOOD => {
            let chunk = || Frame::data(Bytes::from_static(&[0; 16 * 1024]));
            let chunks = stream::repeat_with(move || NoFrame::Ok(chunk()));
            Response::new(Body::new(StreamBody::new(chunks)))
        }
        BEGIN => Response::new(Body::new(StreamBody::new(stream::pending::<NoFrame>()))),
        _ => answer_in_trailers(code),
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn one_worker() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("threads can be made")
}

fn listen(address: SocketAddr) -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind(address).expect("the port is free");
    listener.set_nonblocking(true).expect("a socket can be set");
    listener
}

/// Waits until `holds`, or fails after 10 s.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert!(waited.is_ok(), "{what}");
}
