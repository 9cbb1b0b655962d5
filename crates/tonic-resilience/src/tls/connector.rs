use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};
use tower_service::Service;

use super::config::Configs;
use crate::file_watch::FileWatch;

/// Makes TLS connections to the servers of one service: made by [`Tls::connector`](super::Tls::connector).
///
/// Each connection uses the current certificate; tonic's own TLS settings are fixed when the
/// channel is made.
#[derive(Clone, Debug)]
pub struct Connector {
    configs: FileWatch<Configs>,
    service: Arc<str>,
}

impl Connector {
    pub(super) fn new(configs: FileWatch<Configs>, service: &str) -> Self {
        Self {
            configs,
            service: service.into(),
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TlsStream<TcpStream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = TlsConnector::from(Arc::clone(&self.configs.current().client));
        let service = Arc::clone(&self.service);
        Box::pin(async move {
            let name = ServerName::try_from(service.to_string()).map_err(io::Error::other)?;
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            let stream = TcpStream::connect(authority).await?;
            stream.set_nodelay(true)?;
            let stream = connector.connect(name, stream).await?;
            Ok(TokioIo::new(stream))
        })
    }
}
