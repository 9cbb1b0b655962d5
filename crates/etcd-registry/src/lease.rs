//! Leases and the key of a server, in etcd's words.

use std::{convert::Infallible, time::Duration};

use tokio::{sync::mpsc, time::sleep};
use tokio_stream::{once, wrappers::ReceiverStream};

use crate::{
    api::{LeaseGrantRequest, LeaseKeepAliveRequest, LeaseRevokeRequest, PutRequest},
    client::{Client, within},
    error::EtcdError,
};

/// A new lease, which lives for `lifetime` without being renewed; etcd raises it to its own minimum.
pub(crate) async fn grant(client: &Client, lifetime: Duration) -> Result<i64, EtcdError> {
    let ttl = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    let request = LeaseGrantRequest { ttl };
    within(async { Ok(client.lease().lease_grant(request).await?.into_inner().id) }).await
}

/// Writes a key that is deleted with the lease.
pub(crate) async fn put(
    client: &Client,
    key: &str,
    value: &str,
    lease: i64,
) -> Result<(), EtcdError> {
    let request = PutRequest {
        key: key.into(),
        value: value.into(),
        lease,
    };
    within(async { Ok(client.kv().put(request).await.map(drop)?) }).await
}

/// Ends a lease.
pub(crate) async fn revoke(client: &Client, id: i64) -> Result<(), EtcdError> {
    let request = LeaseRevokeRequest { id };
    Ok(client.lease().lease_revoke(request).await.map(drop)?)
}

/// Renews a lease once; returns whether it is still there.
pub(crate) async fn renew(client: &Client, id: i64) -> Result<bool, EtcdError> {
    let request = once(LeaseKeepAliveRequest { id });
    within(async {
        let answers = client.lease().lease_keep_alive(request).await?;
        let answer = answers.into_inner().message().await?;
        Ok(answer.ok_or(EtcdError::Ended)?.ttl > 0)
    })
    .await
}

/// Renews a lease at each `period`, for as long as it lives and etcd answers.
pub(crate) async fn keep_alive(
    client: &Client,
    id: i64,
    period: Duration,
) -> Result<Infallible, EtcdError> {
    // The requests end when this sender is dropped. A stream that ends by itself alone would go on, and
    // renew the lease, after its answers are dropped.
    let (requests, queued) = mpsc::channel(1);
    let answers = async {
        // etcd begins its answer with the first request.
        renew_by(&requests, id).await?;
        let queued = ReceiverStream::new(queued);
        Ok(client.lease().lease_keep_alive(queued).await?)
    };
    let mut answers = within(answers).await?.into_inner();
    loop {
        let answer = within(async { Ok(answers.message().await?) }).await?;
        if answer.ok_or(EtcdError::Ended)?.ttl <= 0 {
            return Err(EtcdError::LeaseEnded);
        }
        sleep(period).await;
        renew_by(&requests, id).await?;
    }
}

async fn renew_by(
    requests: &mpsc::Sender<LeaseKeepAliveRequest>,
    id: i64,
) -> Result<(), EtcdError> {
    let sent = requests.send(LeaseKeepAliveRequest { id }).await;
    sent.map_err(|_| EtcdError::Ended)
}
