//! How all servers here listen and stop.

use std::{future::Future, io, time::Duration};

use axum::Router;
use hyper_util::service::TowerToHyperService;
use listener::{Settings, plain, requiring_host};
use tokio::net::TcpListener;

/// How long open connections may take to end. A browser keeps its connections open, and a client
/// may connect and send nothing: neither may delay the end of the process.
const GRACE: Duration = Duration::from_secs(1);

/// How long a body may take: an export or an upload may be large, and the network slow.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// A server that had to stop.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the address of the listener")]
pub struct ServeError(#[from] io::Error);

/// Serves HTTP/1 and HTTP/2 until `shutdown` ends; open requests then have the time [`GRACE`] to
/// end. The bounds are the defaults of [`Settings`].
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    listener.local_addr()?;
    let settings = Settings {
        body_timeout: Some(BODY_TIMEOUT),
        grace: GRACE,
        ..Settings::default()
    };
    let router = requiring_host(TowerToHyperService::new(router));
    listener::serve(listener, settings, plain(router), shutdown).await;
    Ok(())
}
