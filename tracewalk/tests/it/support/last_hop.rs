use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI32, Ordering},
    },
};

use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::Code;

use super::RELAYED;

/// A profile service that keeps the metadata of each call as it arrived; gone when dropped.
///
/// It answers every call with one message, in which a profile is that says nothing, unless it is
/// told to fail. The calls of the relay of `user` are answered and not kept.
#[derive(Debug)]
pub(crate) struct LastHop {
    pub(crate) address: SocketAddr,
    calls: Arc<Mutex<Vec<HeaderMap>>>,
    code: Arc<AtomicI32>,
    message: Arc<Mutex<String>>,
    server: JoinHandle<()>,
}

impl LastHop {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let (calls, code, message) = (Arc::default(), Arc::default(), Arc::default());
        Self {
            address,
            calls: Arc::clone(&calls),
            code: Arc::clone(&code),
            message: Arc::clone(&message),
            server: tokio::spawn(serve(listener, calls, code, message)),
        }
    }

    /// Says this with each failure from now on.
    pub(crate) fn say(&self, message: &str) {
        let mut said = self.message.lock().expect("nothing panics with this lock");
        message.clone_into(&mut said);
    }

    /// Answers the calls from now on with this code.
    pub(crate) fn answer(&self, code: Code) {
        self.code.store(code as i32, Ordering::Relaxed);
    }

    /// The metadata of the calls since this was last asked.
    pub(crate) fn calls(&self) -> Vec<HeaderMap> {
        let mut calls = self.calls.lock().expect("nothing panics with this lock");
        std::mem::take(&mut calls)
    }

    /// The metadata of the only call since this was last asked.
    pub(crate) fn call(&self) -> HeaderMap {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0)
    }
}

impl Drop for LastHop {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(
    listener: TcpListener,
    calls: Arc<Mutex<Vec<HeaderMap>>>,
    code: Arc<AtomicI32>,
    message: Arc<Mutex<String>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (calls, code, message) = (Arc::clone(&calls), Arc::clone(&code), Arc::clone(&message));
        let service = service_fn(move |request: Request<Incoming>| {
            let (head, _) = request.into_parts();
            // Callers also ask for its health, which it does not know.
            let knows = head.uri.path().starts_with("/tracewalk.profile.v1.");
            // The relay calls when it likes.
            if knows && !head.uri.path().ends_with(RELAYED) {
                let mut calls = calls.lock().expect("nothing panics with this lock");
                calls.push(head.headers);
            }
            let message = message.lock().expect("nothing panics with this lock");
            let answer = match Code::from(code.load(Ordering::Relaxed)) {
                Code::Ok if knows => empty_profile(),
                code if knows => failure(code, &message),
                _ => failure(Code::Unimplemented, ""),
            };
            std::future::ready(Ok::<_, Infallible>(answer))
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// An empty profile, and `OK`.
pub(crate) fn empty_profile() -> Response<BoxBody<Bytes, Infallible>> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    // Seven bytes: the frame of two, which are field 1 and its length.
    let message = Full::new(Bytes::from_static(&[0, 0, 0, 0, 2, 0x0a, 0]));
    let body = message.with_trailers(std::future::ready(Some(Ok(trailers))));
    Response::builder()
        .header(CONTENT_TYPE, "application/grpc")
        .body(body.boxed())
        .expect("a well-formed answer")
}

/// No message of the call, and a status with what it says.
fn failure(code: Code, said: &str) -> Response<BoxBody<Bytes, Infallible>> {
    Response::builder()
        .header(CONTENT_TYPE, "application/grpc")
        .header("grpc-status", code as i32)
        .header(
            "grpc-message",
            utf8_percent_encode(said, NON_ALPHANUMERIC).to_string(),
        )
        .body(Full::default().boxed())
        .expect("a well-formed answer")
}
