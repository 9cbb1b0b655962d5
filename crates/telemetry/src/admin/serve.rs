use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use super::routes::routes;
use crate::metrics::Registry;

/// How long a scrape may take that has begun when the service stops.
const LAST_SCRAPE: Duration = Duration::from_secs(1);

/// Serves the metrics and the state of a service until `shutdown` completes.
///
/// A scrape that has begun is finished, unless it takes longer than a second.
///
/// # Errors
///
/// What the listener says where it cannot accept any more.
pub async fn serve(
    listener: TcpListener,
    metrics: Registry,
    ready: watch::Receiver<bool>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        // The receiver is gone where serving ended by itself.
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, routes(metrics, ready))
        .with_graceful_shutdown(shutdown)
        .into_future();
    let too_long = async {
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(LAST_SCRAPE).await;
    };
    tokio::select! {
        served = serving => served,
        () = too_long => Ok(()),
    }
}
