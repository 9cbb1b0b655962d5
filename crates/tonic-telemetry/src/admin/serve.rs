use std::time::Duration;

use hyper_util::service::TowerToHyperService;
use listener::{Protocol, Settings, connections_within, plain, requiring_host};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::routes::routes;
use crate::metrics::Registry;

/// Serves the metrics and the state of a service, by HTTP/1, until `shutdown` completes.
///
/// At most 64 connections at a time, and a sixteenth of the files that this process may open. Who
/// does not finish its headers within 30 s is cut off. A scrape that has begun is finished, unless
/// it takes longer than a second.
pub async fn serve(
    listener: TcpListener,
    metrics: Registry,
    ready: watch::Receiver<bool>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let settings = Settings {
        protocol: Protocol::Http1,
        max_connections: connections_within(64, 16),
        grace: Duration::from_secs(1),
        ..Settings::default()
    };
    let router = TowerToHyperService::new(routes(metrics, ready));
    listener::serve(listener, settings, plain(requiring_host(router)), shutdown).await;
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

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
            // Time stands still but for what is waited for.
            tokio::time::pause();
            assert_eq!(rest(slow).await, "");
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
