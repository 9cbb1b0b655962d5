use std::{io, time::Duration};

use tokio::{net::lookup_host, sync::watch, time::sleep};
use tokio_util::task::AbortOnDropHandle;

use crate::target::{Authority, Target};

/// The servers of a target as they are known, kept up to date.
#[derive(Debug)]
pub(super) struct Found {
    /// `None` until the first lookup is over.
    pub(super) members: watch::Receiver<Option<Vec<Authority>>>,
    /// What looks them up, while this lives.
    _task: Option<AbortOnDropHandle<()>>,
}

/// Starts to look up `target`, a DNS name again after each `refresh`.
pub(super) fn start(target: &Target, refresh: Duration) -> Found {
    match target {
        Target::Static(list) => Found {
            members: watch::Sender::new(Some(list.clone())).subscribe(),
            _task: None,
        },
        Target::Dns(name) => {
            let (sender, members) = watch::channel(None);
            let task = tokio::spawn(keep_looking(name.clone(), refresh, sender));
            Found {
                members,
                _task: Some(AbortOnDropHandle::new(task)),
            }
        }
    }
}

impl From<watch::Receiver<Vec<Authority>>> for Found {
    fn from(mut source: watch::Receiver<Vec<Authority>>) -> Self {
        let (sender, members) = watch::channel(Some(source.borrow_and_update().clone()));
        let task = tokio::spawn(async move {
            while source.changed().await.is_ok() {
                let next = source.borrow_and_update().clone();
                sender.send_replace(Some(next));
            }
        });
        Self {
            members,
            _task: Some(AbortOnDropHandle::new(task)),
        }
    }
}

/// A lookup that fails changes nothing: a name server that is down must not stop calls.
async fn keep_looking(
    name: Authority,
    refresh: Duration,
    sender: watch::Sender<Option<Vec<Authority>>>,
) {
    loop {
        match look_up(&name).await {
            Ok(members) => {
                sender.send_if_modified(|known| {
                    let changed = known.as_ref() != Some(&members);
                    if changed {
                        tracing::info!(%name, servers = members.len(), "servers found");
                        *known = Some(members);
                    }
                    changed
                });
            }
            Err(error) => {
                tracing::warn!(%name, %error, "lookup failed");
                sender.send_if_modified(|known| {
                    known.is_none() && known.replace(Vec::new()).is_none()
                });
            }
        }
        sleep(refresh).await;
    }
}

async fn look_up(name: &Authority) -> io::Result<Vec<Authority>> {
    let mut members: Vec<Authority> = lookup_host(name.address())
        .await?
        .map(Authority::from)
        .collect();
    members.sort_by_key(Authority::address);
    members.dedup();
    Ok(members)
}
