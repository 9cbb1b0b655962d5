//! Mutual TLS between the services: both sides show a certificate of one authority.
//!
//! A folder holds `ca.pem`, and `<service>.pem` with `<service>.key`. The files are read once a
//! second; the next handshake uses new ones, and open connections stay. New files are refused, and
//! the old ones kept, unless key and certificate belong together and the certificate is signed by
//! the authority, valid by the clock, and for this service. So files that are written one after the
//! other, and those of another service, do no harm.
//!
//! Only TLS 1.3 and HTTP/2 are spoken, and both sides check the name of the service: the client
//! requires the name that it means to call, and the server learns the name of its caller
//! ([`PeerIdentity`]), by which [`authorize_peer`](crate::server::layers::authorize_peer) decides.
//!
//! Spec: [TLS 1.3](https://www.rfc-editor.org/rfc/rfc8446). Visible as log lines, and the metrics
//! `tls_cert_not_after_timestamp_seconds{role}` (`leaf` and `ca`), `tls_reloads_total{result}` and
//! `tls_handshakes_failed_total`.

mod config;
mod connector;
mod identity;
mod metrics;

#[cfg(test)]
mod tests;

pub use self::{
    config::TlsError, connector::Connector, identity::PeerIdentity, metrics::TlsMetrics,
};

use std::{
    cell::Cell,
    io,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ClientConfig, ServerConfig},
    server::TlsStream,
};

use self::config::Configs;
use crate::file_watch::{FileWatch, FileWatchError};

/// Time between two looks at the files.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The current certificate of a service, for its server and for its clients.
///
/// ```
/// # use std::path::Path;
/// # use tonic_resilience::{client::balance::Balance, server::Server, tls::{Tls, TlsMetrics}};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// # dev_identity::write_certificates(folder, &["user"], std::time::Duration::from_secs(60))?;
/// let metrics = TlsMetrics::new(prometheus::default_registry())?;
/// let tls = Tls::load(folder, "user", &metrics)?;
/// let server = Server::default().tls(tls.clone());
/// let channel = Balance::default().tls(tls, "profile").connect(&"dns:///profile:50053".parse()?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Tls {
    configs: FileWatch<Configs>,
    metrics: TlsMetrics,
}

impl Tls {
    /// Reads the certificate of `service` from `folder`, and again whenever it changes.
    ///
    /// # Errors
    ///
    /// [`FileWatchError`] when a file cannot be read or used this first time.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn load(
        folder: &Path,
        service: &str,
        metrics: &TlsMetrics,
    ) -> Result<Self, FileWatchError<TlsError>> {
        let files = [
            "ca.pem",
            &format!("{service}.pem"),
            &format!("{service}.key"),
        ];
        let files = files.map(|file| folder.join(file)).to_vec();
        let (name, counts, first) = (service.to_owned(), metrics.clone(), Cell::new(true));
        let configs = FileWatch::start(files, CHECK_INTERVAL, move |contents| {
            let made = Configs::parse(&contents[0], &contents[1], &contents[2], &name);
            if !first.take() {
                counts.reloaded(&name, made.as_ref());
            }
            made
        })?;
        metrics.in_use(service, &configs.current());
        Ok(Self {
            configs,
            metrics: metrics.clone(),
        })
    }

    /// TLS by configurations of the program: with its own authorities, its own provider, or without
    /// certificates of callers. Where they name no protocol, HTTP/2 is added.
    ///
    /// The name of the service is checked by `client`, as the verifier in it does so; a caller has a
    /// [`PeerIdentity`] where `server` asks for its certificate.
    #[must_use]
    pub fn with_configs(mut server: ServerConfig, mut client: ClientConfig) -> Self {
        for protocols in [&mut server.alpn_protocols, &mut client.alpn_protocols] {
            if protocols.is_empty() {
                protocols.push(b"h2".to_vec());
            }
        }
        let configs = Configs {
            server: Arc::new(server),
            client: Arc::new(client),
            leaf_not_after: 0,
            ca_not_after: 0,
        };
        Self {
            configs: FileWatch::fixed(configs),
            metrics: TlsMetrics::default(),
        }
    }

    /// A connector to servers that show the certificate of `service`.
    ///
    /// [`Balance::tls`](crate::client::balance::Balance::tls) uses it; alone it is for one connection:
    /// `endpoint.connect_with_connector(tls.connector("user"))`.
    #[must_use]
    pub fn connector(&self, service: &str) -> Connector {
        Connector::new(self.configs.clone(), service)
    }

    /// Runs the server's half of a handshake, with a time limit, and returns who the caller is;
    /// [`Server::tls`](crate::server::Server::tls) uses it.
    ///
    /// # Errors
    ///
    /// When the caller's half is wrong or too late.
    pub async fn accept(
        &self,
        stream: TcpStream,
        timeout: Duration,
    ) -> io::Result<(TlsStream<TcpStream>, Option<PeerIdentity>)> {
        let config = Arc::clone(&self.configs.current().server);
        let accepting = TlsAcceptor::from(config).accept(stream);
        let accepted = tokio::time::timeout(timeout, accepting).await;
        let accepted = accepted.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = accepted.inspect_err(|_| self.metrics.handshake_failed())?;
        let certificates = stream.get_ref().1.peer_certificates();
        let identity = certificates.and_then(PeerIdentity::of);
        Ok((stream, identity))
    }
}

/// When a certificate ends, if other services would accept it; the arguments are PEM.
///
/// # Errors
///
/// [`TlsError`] when they would not: it is damaged, over, or of another service or authority.
pub fn end_of(ca: &str, chain: &str, key: &str, service: &str) -> Result<SystemTime, TlsError> {
    let [ca, chain, key] = [ca, chain, key].map(str::as_bytes);
    let configs = Configs::parse(ca, chain, key, service)?;
    let seconds = u64::try_from(configs.leaf_not_after).unwrap_or_default();
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}
