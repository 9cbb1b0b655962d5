use std::{convert::Infallible, sync::Arc};

use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinHandle};

/// An HTTP server on a free port; gone when dropped.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) address: String,
    server: JoinHandle<()>,
}

/// A status and a body.
pub(crate) type Answer = (u16, String);

impl Site {
    /// Answers each path, with its query, as `answer` does.
    pub(crate) async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let answer = Arc::new(answer);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = Arc::clone(&answer);
                let respond = service_fn(move |request: Request<_>| {
                    let path = request
                        .uri()
                        .path_and_query()
                        .map_or("", |path| path.as_str());
                    let (status, body) = answer(path);
                    let response = Response::builder().status(status);
                    let response = response.body(Full::<Bytes>::from(body));
                    async move { Ok::<_, Infallible>(response.expect("a valid status")) }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), respond);
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self {
            address: address.to_string(),
            server,
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
