use std::{collections::HashMap, sync::Arc};

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::{
    connect::Connect,
    discovery::Found,
    endpoint::{Condition, Endpoint},
    health,
    pool::Pool,
};
use crate::client::target::Authority;

/// The servers of a target with their conditions: clones share them.
#[derive(Clone, Debug)]
pub(super) struct Members(watch::Sender<Option<Vec<Arc<Endpoint>>>>);

impl Members {
    /// No list of servers yet: the first lookup is not over.
    pub(super) fn unknown() -> Self {
        Self(watch::Sender::new(None))
    }

    /// The servers; `None` before the first lookup.
    pub(super) fn borrow(&self) -> watch::Ref<'_, Option<Vec<Arc<Endpoint>>>> {
        self.0.borrow()
    }

    /// A receiver of each change of the list and of each change of a condition.
    pub(super) fn changes(&self) -> watch::Receiver<Option<Vec<Arc<Endpoint>>>> {
        self.0.subscribe()
    }

    /// Sets the condition of a server.
    pub(super) fn set(&self, endpoint: &Endpoint, condition: Condition) {
        if endpoint.set(condition) {
            self.0.send_modify(|_| {});
        }
    }

    /// Notes that a server answers no probe: it is called only while no server is healthy.
    ///
    /// A slow server is better than none, and the circuit breaker decides whether the target is
    /// called at all. A server that was not healthy before is ejected.
    pub(super) fn unresponsive(&self, endpoint: &Endpoint) {
        let condition = match endpoint.condition() {
            Condition::Healthy | Condition::Unresponsive => Condition::Unresponsive,
            Condition::Connecting | Condition::Ejected => Condition::Ejected,
        };
        self.set(endpoint, condition);
    }

    async fn keep_one(self, endpoint: Arc<Endpoint>) {
        tokio::join!(
            health::watch(Arc::clone(&endpoint), self),
            endpoint.close_unused(),
        );
    }

    /// Updates the list after each lookup, and runs a health watch for each server on it.
    pub(super) async fn keep(self, mut found: Found, connect: Connect, max_calls: usize) {
        let mut watched: HashMap<Authority, (Arc<Endpoint>, AbortOnDropHandle<()>)> =
            HashMap::new();
        loop {
            let listed = found.members.borrow_and_update().clone();
            if let Some(listed) = listed {
                watched.retain(|authority, _| listed.contains(authority));
                for authority in &listed {
                    watched.entry(authority.clone()).or_insert_with(|| {
                        let pool = Pool::new(authority.clone(), connect.clone(), max_calls);
                        let endpoint = Arc::new(Endpoint::new(pool));
                        let kept = self.clone().keep_one(Arc::clone(&endpoint));
                        (endpoint, AbortOnDropHandle::new(tokio::spawn(kept)))
                    });
                }
                let endpoints = listed
                    .iter()
                    .map(|authority| Arc::clone(&watched[authority].0));
                self.0.send_replace(Some(endpoints.collect()));
            }
            if found.members.changed().await.is_err() {
                // A list that never changes again still needs its watches.
                std::future::pending::<()>().await;
            }
        }
    }
}
