use std::sync::Arc;

use tokio::sync::watch;

use super::endpoint::{Condition, Endpoint};

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

    /// Replaces the list after a lookup.
    pub(super) fn replace(&self, endpoints: Vec<Arc<Endpoint>>) {
        self.0.send_replace(Some(endpoints));
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
}
