use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt;
use h2::client::SendRequest;
use http::{Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::StreamBody;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use tonic::{Code, body::Body, service::Routes};
use tower::ServiceExt;

use crate::{
    server::{Drained, ServeError, Server, health::Health},
    stack::answer,
    testing::{answer_in_trailers, handler},
};

/// Large enough that a client need not fear a flood of tiny frames, and that windows fill.
const CHUNK: Bytes = Bytes::from_static(&[0; 4096]);

/// A server with a call that waits for the test, one that streams for ever, and one that answers.
pub(super) struct Fixture {
    pub(super) address: SocketAddr,
    pub(super) health: Health,
    pub(super) calls: Calls,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<Drained, ServeError>>,
}

/// What the handlers share with the test.
#[derive(Clone)]
pub(super) struct Calls {
    /// One permit lets one `/t.T/Wait` answer.
    pub(super) go_on: Arc<Semaphore>,
    /// Calls that a handler is working on.
    pub(super) running: Arc<AtomicUsize>,
    /// Calls that a handler has answered.
    pub(super) answered: Arc<AtomicUsize>,
}

impl Fixture {
    pub(super) async fn start(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("a bound socket");
        let (health, service) = Health::new(&[]);
        health.set_serving(true);
        let calls = Calls {
            go_on: Arc::new(Semaphore::new(0)),
            running: Arc::default(),
            answered: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let (routes, handled) = (Routes::new(service), calls.clone());
        let stack = handler(move |request| handled.clone().handle(request, routes.clone()));
        let serving = server.serve(listener, stack, health.clone(), async {
            // A fixture that is dropped stops its server, too.
            let _ = stopped.await;
        });
        Self {
            address,
            health,
            calls,
            stop,
            served: tokio::spawn(serving),
        }
    }

    /// Stops the server, and waits until it has drained.
    pub(super) async fn stop(self) -> Drained {
        self.begin_stop().await.expect("no panic").expect("served")
    }

    /// Stops the server.
    pub(super) fn begin_stop(self) -> JoinHandle<Result<Drained, ServeError>> {
        self.stop.send(()).expect("the server runs");
        self.served
    }

    pub(super) async fn connect(&self) -> SendRequest<Bytes> {
        let stream = TcpStream::connect(self.address).await.expect("a listener");
        let (client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        client
    }

    pub(super) fn running(&self) -> usize {
        self.calls.running.load(Ordering::SeqCst)
    }
}

impl Calls {
    async fn handle(self, request: Request<Body>, health: Routes) -> Response<Body> {
        let running = Running::new(&self.running);
        let response = match request.uri().path() {
            "/t.T/Wait" => {
                self.go_on.acquire().await.expect("never closed").forget();
                answer_in_trailers(Code::Ok)
            }
            "/t.T/Stream" => {
                let frames = futures_util::stream::repeat(()).then(move |()| {
                    let _held = &running;
                    tokio::time::sleep(Duration::from_millis(1))
                });
                let frames = frames.map(|()| Ok::<_, Infallible>(Frame::data(CHUNK)));
                return Response::new(Body::new(StreamBody::new(frames.boxed())));
            }
            "/t.T/ReadTwice" => {
                let mut body = request.into_body();
                poll_fn(|cx| {
                    // As a stream that encodes what is ready, and asks for more before it waits.
                    let twice = [(); 2].map(|()| Pin::new(&mut body).poll_frame(cx));
                    let ended = twice
                        .iter()
                        .any(|it| matches!(it, Poll::Ready(None | Some(Err(_)))));
                    if ended {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
                answer_in_trailers(Code::Aborted)
            }
            "/t.T/Quick" => answer_in_trailers(Code::Ok),
            _ => answer(health.oneshot(request).await),
        };
        self.answered.fetch_add(1, Ordering::SeqCst);
        response
    }
}

/// Counts a call while its handler lives.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(running))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
