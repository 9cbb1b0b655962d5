//! The endpoint of operators: `/metrics`, `/healthz` and `/readyz`, on a port of its own.
//!
//! The port is not the RPC port, so that the limits of one do not affect the other.

use std::{future::pending, io, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use hyper_util::service::TowerToHyperService;
use listener::{Protocol, Settings, connections_within, plain, requiring_host};
use tokio::{
    net::{TcpListener, ToSocketAddrs},
    sync::watch,
};

use crate::metrics::Registry;

/// [`serve`] in a task, for a service that is ready as long as it runs; the port is open on return.
///
/// # Errors
///
/// When the address cannot be listened at.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let telemetry = tonic_telemetry::Options::new("shop").start()?;
/// tonic_telemetry::admin::listen("127.0.0.1:0", telemetry.metrics()).await?;
/// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
pub async fn listen(address: impl ToSocketAddrs, metrics: &Registry) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let metrics = metrics.clone();
    tokio::spawn(async {
        let (_ready, ready) = watch::channel(true);
        serve(listener, metrics, ready, pending()).await;
    });
    Ok(())
}

/// Serves the metrics and the state of a service, by HTTP/1, until `shutdown` completes.
///
/// At most 64 connections at a time, and a sixteenth of the files that this process may open. A
/// connection is closed if the headers of its request take longer than 30 s. At shutdown a scrape
/// that has begun is finished, unless it takes longer than a second.
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

/// The three pages, for an HTTP server of the program's own. All are read-only.
///
/// ```
/// # let metrics = tonic_telemetry::metrics::Registry::new();
/// # let (_, ready) = tokio::sync::watch::channel(true);
/// let shop = axum::Router::new().route("/", axum::routing::get(|| async { "shop" }));
/// let app: axum::Router = shop.merge(tonic_telemetry::admin::routes(metrics, ready));
/// ```
///
/// A server without axum writes the page by [`Registry::encode`].
pub fn routes(metrics: Registry, ready: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/metrics", get(show_metrics).with_state(metrics))
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(show_readiness).with_state(ready))
}

/// All metrics, in the format that the scraper prefers.
async fn show_metrics(State(metrics): State<Registry>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let (content_type, page) = metrics.encode(accept);
    (
        [
            (header::CONTENT_TYPE, content_type),
            (header::VARY, "accept"),
        ],
        page,
    )
}

/// Whether the service takes calls: not while it starts, drains or cannot do its work.
async fn show_readiness(State(ready): State<watch::Receiver<bool>>) -> impl IntoResponse {
    if *ready.borrow() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        sync::oneshot,
    };
    use tower::ServiceExt;

    use super::*;

    async fn get_page(path: &str, accept: &str, ready: bool) -> (StatusCode, String, String) {
        let (_sender, ready) = watch::channel(ready);
        let request = Request::get(path)
            .header(header::ACCEPT, accept)
            .body(Body::empty());
        let response = routes(Registry::new(), ready)
            .oneshot(request.unwrap())
            .await
            .unwrap();
        let content_type = response.headers()[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .to_owned();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (
            status,
            content_type,
            String::from_utf8_lossy(&body).into_owned(),
        )
    }

    #[tokio::test]
    async fn scraper_gets_the_format_that_it_asks_for() {
        let (_, text, page) = get_page("/metrics", "*/*", true).await;
        assert!(text.starts_with("text/plain; version=0.0.4"), "{text}");
        assert!(!page.ends_with("# EOF\n"));

        let (status, open, page) = get_page("/metrics", "application/openmetrics-text", true).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            open.starts_with("application/openmetrics-text; version=1.0.0"),
            "{open}"
        );
        assert!(page.ends_with("# EOF\n"));

        let proto = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily";
        let delimited = format!("{proto}; encoding=delimited");
        let (status, protobuf, page) = get_page("/metrics", &delimited, true).await;
        assert_eq!((status, protobuf), (StatusCode::OK, delimited));
        assert!(page.contains("process_") && !page.contains("# HELP"));

        let readable = format!("{proto}; encoding=text");
        let (_, text, _) = get_page("/metrics", &readable, true).await;
        assert!(text.starts_with("text/plain; version=0.0.4"), "{text}");
    }

    #[tokio::test]
    async fn service_is_alive_before_it_is_ready() {
        assert_eq!(get_page("/healthz", "*/*", false).await.0, StatusCode::OK);
        assert_eq!(
            get_page("/readyz", "*/*", false).await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(get_page("/readyz", "*/*", true).await.0, StatusCode::OK);
    }

    async fn start(shutdown: impl Future<Output = ()> + Send + 'static) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let (_, ready) = watch::channel(true);
        tokio::spawn(serve(listener, Registry::new(), ready, shutdown));
        TcpStream::connect(address).await.expect("it listens")
    }

    /// Everything that the server still sends.
    async fn rest(mut stream: TcpStream) -> String {
        let mut said = Vec::new();
        // A connection that the server has closed may end with an error.
        let _ = stream.read_to_end(&mut said).await;
        String::from_utf8(said).expect("text")
    }

    #[tokio::test]
    async fn connection_that_does_not_finish_its_headers_is_cut_off() {
        for half in ["", "GET /metrics HTTP/1.1\r\nhost:"] {
            let mut slow = start(pending()).await;
            slow.write_all(half.as_bytes()).await.expect("it reads");
            // On a paused clock, time moves only while all tasks wait.
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
