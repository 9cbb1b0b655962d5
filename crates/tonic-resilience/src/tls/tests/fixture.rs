use std::{net::SocketAddr, path::Path, time::Duration};

use prometheus::Registry;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::{Code, body::Body, service::Routes};
use tower::{Layer, ServiceExt};

use crate::{
    client::{
        balance::{Balance, Balanced},
        target::Target,
    },
    server::{Server, health::Health, layers::authorize_peer::AuthorizePeerLayer},
    stack::{Stack, answer},
    testing::{answer_in_trailers, handler},
    tls::{Tls, TlsMetrics},
};
use dev_identity::write_certificates;

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The user service over TLS, which the gateway alone may call.
pub(super) struct Fixture {
    pub(super) folder: TempDir,
    pub(super) registry: Registry,
    pub(super) address: SocketAddr,
}

impl Fixture {
    pub(super) async fn start() -> Self {
        Self::start_with(|_, tls| tls).await
    }

    /// With the TLS that `change` makes of the folder with the certificates, and of the usual one.
    pub(super) async fn start_with(change: impl FnOnce(&Path, Tls) -> Tls) -> Self {
        let folder = TempDir::new().expect("a folder");
        let services = ["gateway", "user", "profile"];
        write_certificates(folder.path(), &services, DAY).expect("certificates");
        let registry = Registry::new();
        let metrics = TlsMetrics::new(&registry).expect("a new registry");
        let tls = Tls::load(folder.path(), "user", &metrics).expect("good certificates");
        let tls = change(folder.path(), tls);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("a bound socket");
        let (health, service) = Health::new(&[]);
        health.set_serving(true);
        let server = Server::default()
            .tls(tls)
            .handshake_timeout(Duration::from_secs(2));
        let stack = user(Routes::new(service));
        tokio::spawn(server.serve(listener, stack, health, std::future::pending()));
        Self {
            folder,
            registry,
            address,
        }
    }

    /// A channel to it with the certificate of `caller`.
    pub(super) fn channel(&self, caller: &str) -> Balanced {
        self.channel_to(caller, "user")
    }

    /// A channel that asks for the certificate of another service.
    pub(super) fn channel_to(&self, caller: &str, service: &str) -> Balanced {
        let metrics = TlsMetrics::new(&Registry::new()).expect("a new registry");
        let tls = Tls::load(self.folder.path(), caller, &metrics).expect("good certificates");
        self.channel_by(tls, service)
    }

    /// A channel by any TLS.
    pub(super) fn channel_by(&self, tls: Tls, service: &str) -> Balanced {
        let target: Target = format!("static:///{}", self.address)
            .parse()
            .expect("a target");
        Balance::default().tls(tls, service).connect(&target)
    }
}

fn user(health: Routes) -> impl Stack<ResponseBody = Body> {
    AuthorizePeerLayer::default()
        .allow("tracewalk.user.v1.UserService", &["gateway"])
        .allow_all("grpc.health.v1.Health")
        .layer(handler(move |request| {
            let health = health.clone();
            async move {
                if request.uri().path().starts_with("/grpc.health.v1.Health/") {
                    return answer(health.oneshot(request).await);
                }
                answer_in_trailers(Code::Ok)
            }
        }))
}
