use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::watch;

use crate::metrics::Registry;

/// The three pages. All are read-only.
pub(super) fn routes(metrics: Registry, ready: watch::Receiver<bool>) -> Router {
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

/// Whether calls are welcome: not while the service starts, drains or cannot do its work.
async fn show_readiness(State(ready): State<watch::Receiver<bool>>) -> impl IntoResponse {
    if *ready.borrow() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt;
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
}
