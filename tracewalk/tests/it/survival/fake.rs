use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Instant,
};

use hyper::{HeaderMap, Request, Response};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{Code, Status, body::Body, service::Routes};
use tonic_resilience::{
    server::{Server, health::Health},
    stack::answer,
};
use tower::ServiceExt as _;

use crate::support::empty_profile;

/// A last hop that does what it is told, without timers of its own; gone when dropped.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// What it does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A profile that says nothing.
    Profile,
    Refusal(Code),
    /// None, ever.
    NoAnswer,
}

/// By the number of the call, from 0.
type Plan = fn(usize) -> Reply;

#[derive(Debug)]
struct Shared {
    plan: Mutex<Plan>,
    /// The metadata of each call, and when it came.
    calls: Mutex<Vec<(HeaderMap, Instant)>>,
    /// When each call ended that was cut before its answer.
    cut: Mutex<Vec<Instant>>,
}

impl Fake {
    pub(crate) async fn start(plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let shared = Arc::new(Shared {
            plan: Mutex::new(plan),
            calls: Mutex::default(),
            cut: Mutex::default(),
        });
        let (health, service) = Health::new(&[]);
        health.set_serving(true);
        let (routes, state) = (Routes::new(service), Arc::clone(&shared));
        let stack = tower::service_fn(move |request: Request<Body>| {
            let (routes, state) = (routes.clone(), Arc::clone(&state));
            async move {
                if request.uri().path().starts_with("/grpc.health.v1.") {
                    return Ok::<_, Status>(answer(routes.oneshot(request).await));
                }
                Ok(state.reply(request.headers().clone()).await)
            }
        });
        let server = tokio::spawn(async move {
            let served = Server::default().serve(listener, stack, health, std::future::pending());
            served.await.expect("a bound listener can be served");
        });
        Self {
            address,
            shared,
            server,
        }
    }

    /// Does something else from here on.
    pub(crate) fn set(&self, plan: Plan) {
        *self.shared.plan.lock().expect("no panic with it") = plan;
    }

    /// The metadata of each call, and when it came.
    pub(crate) fn calls(&self) -> Vec<(HeaderMap, Instant)> {
        self.shared.calls.lock().expect("no panic with it").clone()
    }

    /// When each call ended that was cut before its answer.
    pub(crate) fn cut(&self) -> Vec<Instant> {
        self.shared.cut.lock().expect("no panic with it").clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    async fn reply(&self, metadata: HeaderMap) -> Response<Body> {
        let number = {
            let mut calls = self.calls.lock().expect("no panic with it");
            calls.push((metadata, Instant::now()));
            calls.len() - 1
        };
        let plan = *self.plan.lock().expect("no panic with it");
        match plan(number) {
            Reply::Profile => empty_profile().map(Body::new),
            Reply::Refusal(code) => Status::new(code, "").into_http(),
            Reply::NoAnswer => {
                let _noted = Cut(&self.cut);
                std::future::pending().await
            }
        }
    }
}

/// Notes when it is dropped.
struct Cut<'a>(&'a Mutex<Vec<Instant>>);

impl Drop for Cut<'_> {
    fn drop(&mut self) {
        self.0
            .lock()
            .expect("no panic with it")
            .push(Instant::now());
    }
}
