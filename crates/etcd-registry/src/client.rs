use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::time::timeout;
use tonic::{
    Request, Status,
    metadata::AsciiMetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_resilience::client::target::Authority;

use crate::{
    api::{
        AuthenticateRequest, auth_client::AuthClient, kv_client::KvClient,
        lease_client::LeaseClient, watch_client::WatchClient,
    },
    config::{RegistryConfig, User},
    error::{EtcdError, TlsFileError},
    url::EtcdUrl,
};

/// Longest wait for a connection, and for the answer to a request.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(3);

/// A connection without traffic is asked for a sign of life so often: a watch hears of a dead one by
/// nothing else. etcd refuses clients that ask more often than each 5 s.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// An etcd cluster, and how to connect to it.
#[derive(Debug)]
pub(crate) struct Etcd {
    members: Vec<Authority>,
    /// The member that the next connection goes to.
    next: AtomicUsize,
    tls: Option<Files>,
    user: Option<User>,
}

/// The files of the certificates, which are read for each connection: they may be renewed.
#[derive(Debug)]
struct Files {
    ca: std::path::PathBuf,
    identity: Option<(std::path::PathBuf, std::path::PathBuf)>,
}

/// A connection to one member of a cluster, and a token of the user.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    channel: InterceptedService<Channel, Headers>,
}

/// What each request brings along.
#[derive(Clone, Debug)]
struct Headers {
    token: Option<AsciiMetadataValue>,
}

impl Etcd {
    /// # Errors
    /// When a file of the certificates cannot be read.
    pub(crate) fn open(config: &RegistryConfig, url: &EtcdUrl) -> Result<Self, TlsFileError> {
        let members = match &url.members[..] {
            [] => &config.etcd,
            members => members,
        };
        let identity = config.etcd_cert.clone().zip(config.etcd_key.clone());
        let etcd = Self {
            members: members.to_vec(),
            next: AtomicUsize::new(rand::random_range(0..members.len().max(1))),
            tls: config.etcd_ca.clone().map(|ca| Files { ca, identity }),
            user: config.etcd_user.clone(),
        };
        if let Some(files) = &etcd.tls {
            files.read()?;
        }
        Ok(etcd)
    }

    /// Connects to the next member, and gets a token for the user.
    pub(crate) async fn connect(&self) -> Result<Client, EtcdError> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let member = &self.members[next % self.members.len()];
        let channel = within(async { Ok(self.endpoint(member)?.connect().await?) }).await?;
        let mut headers = Headers { token: None };
        if let Some(User { name, password }) = self.user.clone() {
            let mut auth = AuthClient::new(channel.clone());
            let request = AuthenticateRequest { name, password };
            let answer = within(async { Ok(auth.authenticate(request).await?) }).await?;
            let token = answer.into_inner().token;
            headers.token = Some(token.parse().map_err(|_| EtcdError::Token)?);
        }
        Ok(Client {
            channel: InterceptedService::new(channel, headers),
        })
    }

    /// The first member: by its address this machine finds its own.
    pub(crate) fn first(&self) -> &Authority {
        &self.members[0]
    }

    fn endpoint(&self, member: &Authority) -> Result<Endpoint, EtcdError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{}", member.address()))?
            .connect_timeout(TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(TIMEOUT)
            .keep_alive_while_idle(true);
        Ok(match &self.tls {
            Some(files) => endpoint.tls_config(files.read()?)?,
            None => endpoint,
        })
    }
}

impl Files {
    fn read(&self) -> Result<ClientTlsConfig, TlsFileError> {
        let ca = Certificate::from_pem(read("--etcd-ca", &self.ca)?);
        let tls = ClientTlsConfig::new().ca_certificate(ca);
        Ok(match &self.identity {
            Some((certificate, key)) => tls.identity(Identity::from_pem(
                read("--etcd-cert", certificate)?,
                read("--etcd-key", key)?,
            )),
            None => tls,
        })
    }
}

fn read(flag: &'static str, path: &Path) -> Result<Vec<u8>, TlsFileError> {
    fs::read(path).map_err(|error| TlsFileError {
        flag,
        path: path.to_owned(),
        error,
    })
}

impl Client {
    pub(crate) fn kv(&self) -> KvClient<InterceptedService<Channel, impl Interceptor + Clone>> {
        KvClient::new(self.channel.clone())
    }

    pub(crate) fn lease(
        &self,
    ) -> LeaseClient<InterceptedService<Channel, impl Interceptor + Clone>> {
        LeaseClient::new(self.channel.clone())
    }

    pub(crate) fn watch(
        &self,
    ) -> WatchClient<InterceptedService<Channel, impl Interceptor + Clone>> {
        WatchClient::new(self.channel.clone())
    }
}

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        // A member without a leader cannot serve: it says so, instead of a watch that hears nothing.
        metadata.insert("hasleader", AsciiMetadataValue::from_static("true"));
        if let Some(token) = &self.token {
            metadata.insert("token", token.clone());
        }
        Ok(request)
    }
}

/// The answer, if it comes in time.
pub(crate) async fn within<T>(
    answer: impl Future<Output = Result<T, EtcdError>>,
) -> Result<T, EtcdError> {
    let answer = timeout(TIMEOUT, answer).await;
    answer.unwrap_or(Err(EtcdError::NoAnswer(TIMEOUT)))
}
