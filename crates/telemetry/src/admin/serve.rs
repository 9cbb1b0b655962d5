use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::routes::routes;
use crate::metrics::Registry;

/// How long the headers of a request may take. It is also how long a connection may be idle, and
/// longer than the usual interval of scrapes.
const HEADERS: Duration = Duration::from_secs(30);

/// How long a scrape may take that has begun when the service stops.
const LAST_SCRAPE: Duration = Duration::from_secs(1);

/// How long to wait where no connection can be accepted, as there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves the metrics and the state of a service, by HTTP/1, until `shutdown` completes.
///
/// Whoever connects and does not finish its headers within 30 s is cut off. A scrape that has begun
/// is finished, unless it takes longer than a second.
pub async fn serve(
    listener: TcpListener,
    metrics: Registry,
    ready: watch::Receiver<bool>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let router = routes(metrics, ready);
    let open = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => answer(stream, router.clone(), &open),
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections, trying again");
                sleep(PAUSE).await;
            }
        }
    }
    // What is not finished then is cut off.
    let _ = timeout(LAST_SCRAPE, open.shutdown()).await;
}

fn answer(stream: TcpStream, router: Router, open: &GracefulShutdown) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "an admin connection failed");
        }
    });
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;
    use tokio::time::Instant;

    use super::*;

    async fn start(shutdown: impl Future<Output = ()> + Send + 'static) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let (_, ready) = watch::channel(true);
        tokio::spawn(serve(listener, Registry::new(), ready, shutdown));
        TcpStream::connect(address).await.expect("it listens")
    }

    /// Whatever the server still says.
    async fn rest(mut stream: TcpStream) -> String {
        let mut said = Vec::new();
        // A connection that is cut off may say so by an error.
        let _ = stream.read_to_end(&mut said).await;
        String::from_utf8(said).expect("text")
    }

    #[tokio::test]
    async fn connection_that_does_not_finish_its_headers_is_cut_off() {
        for half in ["", "GET /metrics HTTP/1.1\r\nhost:"] {
            let mut slow = start(pending()).await;
            slow.write_all(half.as_bytes()).await.expect("it reads");
            let begin = Instant::now();
            // Time stands still but for what is waited for.
            tokio::time::pause();
            let said = rest(slow).await;
            assert!(!said.contains("200 OK"), "{said}");
            assert!(begin.elapsed() >= HEADERS, "{:?}", begin.elapsed());
            tokio::time::resume();
        }
    }

    #[tokio::test]
    async fn request_that_has_begun_is_answered_and_the_connection_ends_with_the_service() {
        let (stop, stopped) = oneshot::channel::<()>();
        let mut scraper = start(async { drop(stopped.await) }).await;
        let request = b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n";
        scraper.write_all(request).await.expect("it reads");
        let mut first = [0; 15];
        scraper.read_exact(&mut first).await.expect("it answers");
        assert_eq!(&first, b"HTTP/1.1 200 OK");
        drop(stop);
        assert!(rest(scraper).await.contains("process_"));
    }
}
