use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use dev_identity::{TokenFolder, keep_certificates};
use proto::gateway::v1::{CreateUserRequest, GetUserRequest};
use tempfile::TempDir;
use tonic::{Code, Request, Status, metadata::AsciiMetadataValue};

use crate::support::{Caller, Collector, Process, Span, new_user, until};

pub(crate) const DAY: Duration = Duration::from_hours(24);

/// The three services as processes, with certificates between them and keys at the gateway.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) gateway: Process,
    pub(crate) user: Process,
    pub(crate) profile: Process,
    pub(crate) collector: Collector,
    folder: TempDir,
}

impl Chain {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let services = ["gateway", "user", "profile"];
        keep_certificates(&certs(&folder), &services, DAY).expect("certificates");
        TokenFolder::open(&auth(&folder)).expect("keys");
        let collector = Collector::start();
        let service = |name: &str, flags: &[&str]| start(&folder, &collector, name, flags);
        let profile = service("profile", &["--database-url", "memory:"]);
        let target = format!("static:///{}", profile.address("grpc").await);
        let user = service("user", &["--database-url", "memory:", "--profile", &target]);
        let target = format!("static:///{}", user.address("grpc").await);
        let keys = auth(&folder);
        let keys = ["--auth", keys.to_str().expect("UTF-8")];
        let gateway = service("gateway", &[keys, ["--user", &target]].concat());
        gateway.address("grpc").await;
        Self {
            gateway,
            user,
            profile,
            collector,
            folder,
        }
    }

    pub(crate) fn certs(&self) -> PathBuf {
        certs(&self.folder)
    }

    pub(crate) fn auth(&self) -> PathBuf {
        auth(&self.folder)
    }

    /// A token that may do this, with spaces between the scopes.
    pub(crate) fn token(&self, scope: &str) -> String {
        self.token_of("ada", scope)
    }

    /// A token of this subject.
    pub(crate) fn token_of(&self, subject: &str, scope: &str) -> String {
        let folder = TokenFolder::open(&self.auth()).expect("its own files");
        let token = folder
            .key()
            .issue("tracewalk", "gateway", subject, &[scope], DAY);
        token.expect("a token")
    }

    pub(crate) async fn caller(&self) -> Caller {
        Caller::connect(self.gateway.address("grpc").await).await
    }

    /// How a write ends, with this `authorization`.
    pub(crate) async fn write(&self, authorization: Option<&str>) -> Code {
        let message = CreateUserRequest {
            user: Some(new_user(&unique())),
        };
        let request = with(message, authorization);
        code(self.caller().await.gateway.create_user(request).await)
    }

    /// How a read ends, with this `authorization`.
    pub(crate) async fn read(&self, authorization: Option<&str>) -> Code {
        let message = GetUserRequest {
            user_id: "1".to_owned(),
        };
        let request = with(message, authorization);
        code(self.caller().await.gateway.get_user(request).await)
    }

    /// The first span of this kind to arrive.
    pub(crate) async fn span(&self, wanted: impl Fn(&Span) -> bool) -> Span {
        until("a span of that kind", async || {
            self.collector.spans().into_iter().find(&wanted)
        })
        .await
    }

    /// Everything that the services have written, and every span, as one text.
    pub(crate) fn everything(&self) -> String {
        let services = [&self.gateway, &self.user, &self.profile];
        let lines = services.iter().flat_map(|service| service.lines());
        let lines: Vec<_> = lines.collect();
        format!("{lines:?}{:?}", self.collector.spans())
    }
}

fn start(folder: &TempDir, collector: &Collector, name: &str, flags: &[&str]) -> Process {
    let certs = certs(folder);
    let tls = ["--tls", certs.to_str().expect("UTF-8")];
    let words = [&tls, flags].concat();
    Process::service(name, &collector.endpoint, &words, &[("RUST_LOG", "debug")])
}

fn certs(folder: &TempDir) -> PathBuf {
    folder.path().join("certs")
}

fn auth(folder: &TempDir) -> PathBuf {
    folder.path().join("auth")
}

fn with<T>(message: T, authorization: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(value) = authorization {
        let value = AsciiMetadataValue::try_from(value).expect("visible ASCII");
        request.metadata_mut().insert("authorization", value);
    }
    request
}

pub(crate) fn code<T>(answer: Result<T, Status>) -> Code {
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

/// An address that nobody has.
pub(crate) fn unique() -> String {
    format!("{}@test.example", uuid::Uuid::new_v4().simple())
}

/// Runs the health probe over TLS; whether the service serves.
pub(crate) async fn probe(certs: &Path, address: SocketAddr, peer: &str) -> bool {
    let certs = certs.to_str().expect("UTF-8");
    let address = address.to_string();
    let words = ["health", &address, "--tls", certs, "--peer", peer];
    let words = [&words[..], &["--timeout", "20s"]].concat();
    crate::support::run(&words).await.status.success()
}
