use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};
use tonic_resilience::client::target::Authority;

use crate::{
    api::{Event, event::EventType},
    client::{Etcd, within},
    error::EtcdError,
    known::Known,
    list,
    metrics::OfTarget,
    retry::Retry,
};

/// Calls wait for the first server for so long; then they fail at once until there is one.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

type List = watch::Sender<Option<Vec<Authority>>>;

/// Watches the servers of `name` until the last receiver is dropped.
///
/// `None` until the first server is known, for at most [`RESOLVE_TIMEOUT`].
pub(crate) fn start(
    etcd: Arc<Etcd>,
    name: &str,
    metrics: OfTarget,
) -> watch::Receiver<Option<Vec<Authority>>> {
    let (list, members) = watch::channel(None);
    let watcher = Watcher {
        etcd,
        name: name.to_owned(),
        metrics,
        known: Known::default(),
        is_empty: false,
        retry: Retry::new("not watching"),
    };
    tokio::spawn(async move {
        tokio::select! {
            () = list.closed() => {}
            () = give_up_waiting(&list) => {}
            () = watcher.run(&list) => {}
        }
    });
    members
}

/// Ends the wait of calls for the first server; never returns.
async fn give_up_waiting(list: &List) {
    sleep_until(Instant::now() + RESOLVE_TIMEOUT).await;
    list.send_if_modified(|known| known.is_none() && known.replace(Vec::new()).is_none());
    std::future::pending::<()>().await;
}

struct Watcher {
    etcd: Arc<Etcd>,
    name: String,
    metrics: OfTarget,
    known: Known,
    /// The registry has no server, and those that it had are kept.
    is_empty: bool,
    retry: Retry,
}

impl Watcher {
    /// Reads the list and follows its changes, again after each failure; never returns.
    async fn run(mut self, list: &List) {
        loop {
            let Err(error) = self.follow(list).await;
            self.metrics.watching.set(0);
            self.retry.failed(&self.name, &error).await;
        }
    }

    /// Reads the list anew, which no compaction can prevent, and follows its changes until the
    /// connection or the watch is lost.
    async fn follow(&mut self, list: &List) -> Result<std::convert::Infallible, EtcdError> {
        let client = self.etcd.connect().await?;
        let (servers, revision) = within(list::read(&client, &self.name)).await?;
        self.known.read(servers, Instant::now());
        self.publish(list);
        let (mut changes, _request) =
            within(list::watch(&client, &self.name, revision + 1)).await?;
        let away = self.retry.succeeded();
        self.metrics.watching.set(1);
        tracing::info!(name = self.name, revision, ?away, "watching");
        loop {
            let change = match self.known.changes_at(Instant::now()) {
                Some(at) => timeout_at(at, changes.message()).await,
                None => Ok(changes.message().await),
            };
            match change {
                Ok(answer) => {
                    for event in list::changes_of(answer?.ok_or(EtcdError::Ended)?)? {
                        self.change(event);
                    }
                }
                Err(_elapsed) => {}
            }
            self.publish(list);
        }
    }

    fn change(&mut self, event: Event) {
        let kind = event.r#type();
        let Some(pair) = event.kv else { return };
        match kind {
            EventType::Put => {
                if let Some((key, server)) = list::server(pair) {
                    self.known.put(key, server);
                }
            }
            EventType::Delete => self.known.delete(pair.key, Instant::now()),
        }
    }

    /// Tells the callers, if the list is another one.
    fn publish(&mut self, list: &List) {
        let (servers, all_are_kept) = self.known.list(Instant::now());
        let name = &self.name;
        if all_are_kept && !self.is_empty {
            let kept = servers.len();
            tracing::warn!(
                name,
                kept,
                "no server is registered: the last ones are kept"
            );
        }
        self.is_empty = all_are_kept;
        self.metrics
            .servers
            .set(i64::try_from(servers.len()).unwrap_or(i64::MAX));
        list.send_if_modified(|known| {
            let is_first = known.is_none() && servers.is_empty();
            let changed = !is_first && known.as_ref() != Some(&servers);
            if changed {
                tracing::info!(name, servers = servers.len(), "servers found");
                *known = Some(servers);
            }
            changed
        });
    }
}
