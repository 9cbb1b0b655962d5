//! How both servers listen and stop.

use std::{future::Future, io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::watch};

/// How long open connections may take to end. A browser keeps its connections open, and somebody
/// may connect and never say a word: neither holds up the end of the process.
const GRACE: Duration = Duration::from_secs(1);

/// A server that had to stop.
#[derive(Debug, thiserror::Error)]
#[error("the server on {address} failed")]
pub struct ServeError {
    address: String,
    #[source]
    source: io::Error,
}

/// Serves HTTP/1 and HTTP/2 until `shutdown` ends, then lets the open requests end in
/// [`GRACE`].
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let address = match listener.local_addr() {
        Ok(address) => address.to_string(),
        Err(_) => "an unknown address".to_owned(),
    };
    let (stop, mut stopped) = watch::channel(());
    // Small answers leave at once instead of waiting for more to come.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        // An error means that `stop` was dropped: that is the signal.
        let _ = stopped.changed().await;
    });
    let stop_after = async {
        shutdown.await;
        drop(stop);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serving.into_future() => ended.map_err(|source| ServeError { address, source }),
        () = stop_after => Ok(()),
    }
}
