use std::{fmt::Display, io, pin::pin, time::Duration};

use tokio::{
    net::lookup_host,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::client::target::{Authority, Target};

/// A lookup without an answer for so long has failed: calls do not wait for it any more.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// The servers that the lookups of a target found, kept up to date.
#[derive(Debug)]
pub(super) struct Found {
    /// `None` until the first lookup is over.
    pub(super) members: watch::Receiver<Option<Vec<Authority>>>,
    /// The lookup task, which ends when this is dropped.
    _task: Option<AbortOnDropHandle<()>>,
}

/// Starts to look up `target`, a DNS name again after each `refresh`.
pub(super) fn start(target: &Target, refresh: Duration) -> Found {
    match target {
        Target::Static(list) => Found {
            members: watch::Sender::new(Some(list.clone())).subscribe(),
            _task: None,
        },
        Target::Dns(name) => spawn(name.clone(), refresh, look_up),
        #[cfg(feature = "dns-server")]
        Target::DnsServer(question) => spawn(question.clone(), refresh, super::dns_server::ask),
        #[cfg(not(feature = "dns-server"))]
        Target::DnsServer(question) => match question.built {},
    }
}

fn spawn<N, F>(
    name: N,
    refresh: Duration,
    look_up: impl Fn(N) -> F + Send + Sync + 'static,
) -> Found
where
    N: Clone + Display + Send + Sync + 'static,
    F: Future<Output = io::Result<Vec<Authority>>> + Send + 'static,
{
    let (sender, members) = watch::channel(None);
    let task = tokio::spawn(keep_looking(name, refresh, sender, look_up));
    Found {
        members,
        _task: Some(AbortOnDropHandle::new(task)),
    }
}

impl<L> From<watch::Receiver<L>> for Found
where
    L: Clone + Into<Option<Vec<Authority>>> + Send + Sync + 'static,
{
    fn from(mut source: watch::Receiver<L>) -> Self {
        let (sender, members) = watch::channel(source.borrow_and_update().clone().into());
        let task = tokio::spawn(async move {
            while source.changed().await.is_ok() {
                let next = source.borrow_and_update().clone();
                sender.send_replace(next.into());
            }
        });
        Self {
            members,
            _task: Some(AbortOnDropHandle::new(task)),
        }
    }
}

/// A lookup that fails changes nothing: a name server that is down must not stop calls.
async fn keep_looking<N, F>(
    name: N,
    refresh: Duration,
    sender: watch::Sender<Option<Vec<Authority>>>,
    look_up: impl Fn(N) -> F,
) where
    N: Clone + Display,
    F: Future<Output = io::Result<Vec<Authority>>>,
{
    loop {
        let mut answer = pin!(look_up(name.clone()));
        let found = match timeout(LOOKUP_TIMEOUT, answer.as_mut()).await {
            Ok(found) => found,
            Err(_elapsed) => {
                report(&name, Err(io::ErrorKind::TimedOut.into()), &sender);
                // The lookup holds a thread until the resolver of the system gives up: never run
                // two at a time.
                answer.await
            }
        };
        report(&name, found, &sender);
        sleep(refresh).await;
    }
}

fn report(
    name: &impl Display,
    found: io::Result<Vec<Authority>>,
    sender: &watch::Sender<Option<Vec<Authority>>>,
) {
    match found {
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
            sender.send_if_modified(|known| known.is_none() && known.replace(Vec::new()).is_none());
        }
    }
}

async fn look_up(name: Authority) -> io::Result<Vec<Authority>> {
    let mut members: Vec<Authority> = lookup_host(name.address())
        .await?
        .map(Authority::from)
        .collect();
    members.sort_by_key(Authority::address);
    members.dedup();
    Ok(members)
}

#[cfg(test)]
mod tests {
    use std::{future::pending, net::SocketAddr};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lookup_without_an_answer_ends_the_wait_and_forgets_no_server() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let name = Authority::from(address);
        let refresh = Duration::from_secs(5);
        for known in [None, Some(vec![name.clone()])] {
            let (sender, mut members) = watch::channel(known.clone());
            let silent = |_| pending::<io::Result<Vec<Authority>>>();
            let task = tokio::spawn(keep_looking(name.clone(), refresh, sender, silent));
            let begin = Instant::now();
            if known.is_none() {
                members.changed().await.expect("it looks on");
                assert_eq!(begin.elapsed(), LOOKUP_TIMEOUT);
            } else {
                sleep(2 * LOOKUP_TIMEOUT).await;
            }
            assert_eq!(*members.borrow(), Some(known.unwrap_or_default()));
            task.abort();
        }
    }
}
