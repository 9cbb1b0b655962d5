//! One log line a call, when it is over: who called what, how it ended, how long it took.
//!
//! The line has the level of its code: `info` for `OK` and for the caller's own errors, `warn` for
//! errors of the server. Of the texts that a caller sends, it has only what cannot hold a secret or
//! forge a line: the name of an existing method, and the products and versions of the user agent.

mod user_agent;

#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::Arc,
    task::{self, Poll},
};

use grpc_wire::{OTHER, Side, code_name, is_error};
use http::{HeaderValue, Request, Response, header::USER_AGENT};
use opentelemetry::Context;
use tokio::time::Instant;
use tonic::{Code, body::Body, transport::server::TcpConnectInfo};
use tower_layer::Layer;
use tower_service::Service;
use tracing::Level;

use self::user_agent::products;
use crate::{
    completion::{Completion, OnComplete},
    method_set::MethodSet,
    response::{HookFuture, response_future},
    stack::Stack,
};

/// Logs each call when it is over. Inside the layer that makes the span, so that the line has its
/// trace id; outside all that may refuse a call.
///
/// ```
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(tonic_resilience::server::layers::access_log::AccessLogLayer::new(["tracewalk.user.v1.UserService/GetUser"]))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct AccessLogLayer {
    /// The paths of the methods that there are.
    methods: Arc<HashSet<Arc<str>>>,
    without: MethodSet,
}

impl AccessLogLayer {
    /// Logs all calls; `methods` are the full names of the methods that exist.
    ///
    /// A call of another method is logged as `_OTHER`, as in the metrics: its path is a text of its
    /// caller, such as a URL with a token in it.
    #[must_use]
    pub fn new<'a>(methods: impl IntoIterator<Item = &'a str>) -> Self {
        let paths = methods.into_iter().map(|name| format!("/{name}").into());
        Self {
            methods: Arc::new(paths.collect()),
            without: MethodSet::default(),
        }
    }

    /// Leaves out a service, by its full name: for probes.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }

    fn leaves_out(&self, path: &str) -> bool {
        self.without.contain(path)
    }

    /// The path, if a method has it.
    fn known(&self, path: &str) -> Option<Arc<str>> {
        self.methods.get(path).cloned()
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog {
            inner,
            settings: Arc::new(self.clone()),
        }
    }
}

/// Logs each call when it is over: made by [`AccessLogLayer`].
#[derive(Clone, Debug)]
pub struct AccessLog<S> {
    inner: S,
    settings: Arc<AccessLogLayer>,
}

impl<S: Stack> Service<Request<Body>> for AccessLog<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let left_out = self.settings.leaves_out(request.uri().path());
        let record = (!left_out).then(|| Record::of(&request, &self.settings));
        HookFuture::pass(self.inner.call(request), record.map(Completion::new)).into()
    }
}

response_future! {
    /// The response future of [`AccessLog`].
    Option<Completion<Record>>
}

/// What is known of a call when it begins: it becomes text where the line is written.
#[derive(Debug)]
struct Record {
    /// `None` where there is no such method.
    path: Option<Arc<str>>,
    peer: Option<SocketAddr>,
    user_agent: Option<HeaderValue>,
    start: Instant,
    /// The line is written when the body ends, where no context is active any more.
    context: Context,
}

impl Record {
    fn of<B>(request: &Request<B>, settings: &AccessLogLayer) -> Self {
        Self {
            path: settings.known(request.uri().path()),
            peer: request
                .extensions()
                .get::<TcpConnectInfo>()
                .and_then(TcpConnectInfo::remote_addr),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            start: Instant::now(),
            context: Context::current(),
        }
    }
}

/// Writes the line.
impl OnComplete for Record {
    fn complete(self, code: Code) {
        let is_error = is_error(Side::Server, code);
        let enabled = if is_error {
            tracing::event_enabled!(target: "access", Level::WARN)
        } else {
            tracing::event_enabled!(target: "access", Level::INFO)
        };
        if !enabled {
            return;
        }
        let _active = self.context.attach();
        // To the microsecond: more digits say nothing, and make the line harder to read.
        let duration_ms = (self.start.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let peer = self.peer.map(tracing::field::display);
        let rpc = self.path.as_deref().unwrap_or(OTHER);
        let user_agent = || products(self.user_agent.as_ref()?);
        let code_name = code_name(code);
        if is_error {
            tracing::warn!(target: "access", rpc, code = code_name, duration_ms, peer, user_agent = user_agent(), "rpc finished");
        } else {
            tracing::info!(target: "access", rpc, code = code_name, duration_ms, peer, user_agent = user_agent(), "rpc finished");
        }
    }
}
