//! A last hop whose answers end as they should not.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::stream;
use http_body_util::StreamBody;
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Frame, Incoming},
    header::HeaderValue,
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{End, Ending};

/// A hop that answers as it is told; gone when dropped.
pub(super) struct Broken {
    pub(super) address: SocketAddr,
    /// `None` answers as it should.
    ending: Arc<Mutex<Option<Ending>>>,
    server: JoinHandle<()>,
}

impl Broken {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let ending = Arc::new(Mutex::new(None));
        let told = Arc::clone(&ending);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = Arc::clone(&told);
                let service = service_fn(move |request| {
                    let ending = *told.lock().expect("nothing panics with this lock");
                    std::future::ready(Ok::<_, Infallible>(answer(&request, ending)))
                });
                let connection = http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self {
            address,
            ending,
            server,
        }
    }

    pub(super) fn answer(&self, ending: Option<Ending>) {
        *self.ending.lock().expect("nothing panics with this lock") = ending;
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Body = StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, h2::Error>>>>;

/// One good message, and then what it is told.
fn answer(request: &Request<Incoming>, ending: Option<Ending>) -> Response<Body> {
    let path = request.uri().path();
    let is_health = path.starts_with("/grpc.health.");
    // A user or a profile without anything in it, or the user id `1`.
    let good: &[u8] = if path.contains("/Lookup") {
        b"\0\0\0\0\x03\x0a\x011"
    } else {
        b"\0\0\0\0\x02\x0a\0"
    };
    let (bytes, end) = match ending {
        _ if is_health => (&b""[..], End::Status("12")),
        None => (good, End::Status("0")),
        Some((_, bytes, end, _)) => (bytes, end),
    };
    let is_stream = path.contains("/Watch") || path.contains("/Lookup");
    let first = (is_stream && ending.is_some()).then(|| Bytes::from_static(good));
    let last = Some(Bytes::from_static(bytes)).filter(|bytes| !bytes.is_empty());
    let messages = first.into_iter().chain(last);
    let mut frames: Vec<_> = messages.map(|bytes| Ok(Frame::data(bytes))).collect();
    match end {
        End::NoStatus => {}
        End::Reset(reason) => frames.push(Err(reason.into())),
        End::Status(code) => {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static(code));
            if code == "5" {
                let details = HeaderValue::from_static("no base64!");
                trailers.insert("grpc-status-details-bin", details);
            }
            frames.push(Ok(Frame::trailers(trailers)));
        }
    }
    Response::builder()
        .header("content-type", "application/grpc")
        .body(StreamBody::new(stream::iter(frames)))
        .expect("a well-formed answer")
}
