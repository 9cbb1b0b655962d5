use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::service::service_fn;
use listener::{BodyTimeout, Drained, RequestBody, Settings, plain, requiring_host, serve};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Longer than anything here takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Short, and long enough for a busy machine to begin a connection in.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// A server whose `/` answers, `/wait` waits for a permit, `/body` reads its body, and `/endless`
/// never ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) permits: Arc<Semaphore>,
    /// Calls whose handler or body is there.
    pub(crate) running: Arc<AtomicUsize>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Drained>,
}

impl Server {
    pub(crate) async fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let (permits, running) = (Arc::new(Semaphore::new(0)), Arc::default());
        let state = (Arc::clone(&permits), Arc::clone(&running));
        let handler = service_fn(move |request| {
            let (permits, running) = state.clone();
            async move { Ok::<_, Infallible>(answer(request, permits, running).await) }
        });
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // A server that is dropped is stopped, too.
            let _ = stopped.await;
        };
        let serving = serve(listener, settings, plain(requiring_host(handler)), stopped);
        Self {
            address,
            permits,
            running,
            stop,
            served: tokio::spawn(serving),
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a listener")
    }

    /// A connection that has sent this.
    pub(crate) async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("an open connection");
        stream
    }

    pub(crate) async fn running(&self, expected: usize) {
        let running = async {
            while self.running.load(Ordering::SeqCst) != expected {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let became = timeout(DEADLINE, running).await;
        let is = self.running.load(Ordering::SeqCst);
        assert!(became.is_ok(), "{is} calls run, expected {expected}");
    }

    pub(crate) fn begin_stop(self) -> JoinHandle<Drained> {
        self.stop.send(()).expect("the server runs");
        self.served
    }
}

/// Reads to the end of the connection, an end or a reset; returns what was read.
pub(crate) async fn until_closed(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    let closed = timeout(DEADLINE, stream.read_to_end(&mut said)).await;
    assert!(closed.is_ok(), "the connection stays open");
    String::from_utf8_lossy(&said).into_owned()
}

/// A whole call on a connection of its own; returns what was read.
pub(crate) async fn get(server: &Server, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    until_closed(server.send(request.as_bytes()).await).await
}

async fn answer(
    request: Request<RequestBody>,
    permits: Arc<Semaphore>,
    running: Arc<AtomicUsize>,
) -> Response<Body> {
    let running = Running::new(running);
    match request.uri().path() {
        "/wait" => permits.acquire().await.expect("never closed").forget(),
        "/endless" => return Response::new(endless(running)),
        "/body" => {
            if let Err(error) = request.into_body().collect().await {
                assert!(error.is::<BodyTimeout>(), "{error}");
                let mut late = Response::new(Body::from("late"));
                *late.status_mut() = StatusCode::REQUEST_TIMEOUT;
                return late;
            }
        }
        _ => {}
    }
    Response::new(Body::from("hello"))
}

fn endless(running: Running) -> Body {
    const CHUNK: Bytes = Bytes::from_static(&[b'x'; 16 * 1024]);
    let body = StreamBody::new(futures_util::stream::repeat_with(move || {
        let _held = &running;
        Ok::<_, Infallible>(Frame::data(CHUNK))
    }));
    Body::new(body)
}

/// Counts a call while it is there.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(running: Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::SeqCst);
        Self(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
