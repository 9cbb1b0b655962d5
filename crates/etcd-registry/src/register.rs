use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use tonic_resilience::{client::target::Authority, errors::with_causes};

use crate::{
    client::{Client, Etcd},
    entry,
    error::EtcdError,
    lease,
    metrics::RegisterMetrics,
    own_address::own_address,
    retry::Retry,
};

/// Longest wait of a drain for etcd; the lease ends by itself if it does not answer.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(1);

/// A server that is registered, or that tries to.
#[derive(Debug)]
pub struct Registration {
    stop: oneshot::Sender<()>,
    task: AbortOnDropHandle<()>,
}

/// What is registered, and where.
#[derive(Debug)]
pub(crate) struct Registrant {
    pub(crate) etcd: Arc<Etcd>,
    pub(crate) name: String,
    pub(crate) listen: SocketAddr,
    pub(crate) advertise: Option<Authority>,
    pub(crate) weight: u16,
    pub(crate) lease: Duration,
    pub(crate) metrics: RegisterMetrics,
}

/// A lease that may have our key.
#[derive(Clone, Debug)]
struct Held {
    client: Client,
    lease: i64,
}

impl Registration {
    /// Registers as soon as the server is `ready`, and from then on until [`leave`](Self::leave).
    ///
    /// A server that is not ready later stays registered: its health tells its callers, sooner.
    pub(crate) fn start(registrant: Registrant, ready: watch::Receiver<bool>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task: JoinHandle<()> = tokio::spawn(registrant.run(ready, stopped));
        Self {
            stop,
            task: AbortOnDropHandle::new(task),
        }
    }

    /// Deletes the key, so that callers take the server from their lists before it drains. Takes a
    /// second at most: if etcd does not answer, the lease ends by itself.
    pub async fn leave(self) {
        // The task may have ended: then there is nothing to leave.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

impl Registrant {
    async fn run(self, mut ready: watch::Receiver<bool>, mut stopped: oneshot::Receiver<()>) {
        tokio::select! {
            is_ready = ready.wait_for(|is_ready| *is_ready) => if is_ready.is_err() { return },
            _ = &mut stopped => return,
        }
        let mut held = None;
        tokio::select! {
            () = self.keep(&mut held) => {}
            _ = &mut stopped => {}
        }
        self.metrics.registered.set(0);
        if let Some(held) = held {
            self.revoke(held).await;
        }
    }

    /// Registers, and again after each failure; never returns.
    async fn keep(&self, held: &mut Option<Held>) {
        let mut retry = Retry::new("not registered");
        loop {
            let Err(error) = self.hold(held, &mut retry).await;
            self.metrics.registered.set(0);
            retry.failed(&self.name, &error).await;
        }
    }

    /// Registers and renews the lease, until it ends or etcd does not answer.
    async fn hold(
        &self,
        held: &mut Option<Held>,
        retry: &mut Retry,
    ) -> Result<Infallible, EtcdError> {
        let client = self.etcd.connect().await?;
        let lease = match held {
            // It is still there if etcd was away for a short time only: nobody has to hear of that.
            Some(Held { lease, .. }) if lease::renew(&client, *lease).await? => *lease,
            _ => lease::grant(&client, self.lease).await?,
        };
        *held = Some(Held {
            client: client.clone(),
            lease,
        });
        let server = self.server().await?;
        lease::put(
            &client,
            &entry::key(&self.name, &server),
            &entry::value(&server),
            lease,
        )
        .await?;
        let away = retry.succeeded();
        self.metrics.registered.set(1);
        self.metrics.registrations.inc();
        tracing::info!(name = self.name, %server, lease, ?away, "registered");
        lease::keep_alive(&client, lease, self.lease / 3).await
    }

    async fn revoke(&self, held: Held) {
        let name = &self.name;
        match timeout(LEAVE_TIMEOUT, lease::revoke(&held.client, held.lease)).await {
            Ok(Ok(())) => tracing::info!(name, "left the registry"),
            Ok(Err(error)) => {
                let (error, lease) = (with_causes(&error), self.lease);
                tracing::warn!(
                    name,
                    error,
                    ?lease,
                    "cannot leave the registry: the lease ends"
                );
            }
            Err(_elapsed) => {
                let lease = self.lease;
                tracing::warn!(
                    name,
                    ?lease,
                    "etcd does not answer: the lease ends by itself"
                );
            }
        }
    }

    /// The address to register, with the weight.
    async fn server(&self) -> Result<Authority, EtcdError> {
        let address = if let Some(address) = &self.advertise {
            address.address()
        } else {
            let own = own_address(self.listen, self.etcd.first()).await;
            Authority::from(own.map_err(EtcdError::Advertise)?).address()
        };
        let server = format!("{address};weight={}", self.weight);
        Ok(server.parse().expect("an address and a weight above 0"))
    }
}
