use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;
use tonic_resilience::client::target::Authority;

/// How long a server is kept that was known and is missing from a list that is read anew.
///
/// Longer than a server takes to see that its lease is gone, and to register again.
pub(crate) const KEEP_MISSING: Duration = Duration::from_secs(15);

/// How long a server is remembered that was deleted, in case it was the first of all.
const REMEMBER: Duration = Duration::from_mins(1);

/// The servers of a name: those that the registry has, and those that it had.
///
/// A registry can lose servers that are healthy: it was restored from a backup, or servers could not
/// reach it and their leases ended. A caller can gain nothing by believing that at once, for it
/// watches the health of each server itself, and calls no server that is gone. So:
///
/// - a server that is missing when the list is read anew, after the watch was lost, stays for
///   [`KEEP_MISSING`];
/// - a server that is deleted while the watch runs goes at once: it has left, or its lease has ended;
/// - if no server is left, all that were deleted in the last [`REMEMBER`] are used until one registers.
#[derive(Debug, Default)]
pub(crate) struct Known {
    registered: BTreeMap<Vec<u8>, Authority>,
    gone: BTreeMap<Vec<u8>, Gone>,
}

#[derive(Debug)]
struct Gone {
    server: Authority,
    since: Instant,
    /// It was deleted while the watch ran; else it was missing when the list was read anew.
    is_deleted: bool,
}

impl Known {
    /// Takes the list that was read, in place of all that is known.
    pub(crate) fn read(&mut self, list: BTreeMap<Vec<u8>, Authority>, now: Instant) {
        let known = std::mem::replace(&mut self.registered, list);
        for (key, server) in known {
            self.lose(key, server, now, false);
        }
        self.gone
            .retain(|key, _| !self.registered.contains_key(key));
    }

    /// A server has registered, or its weight has changed.
    pub(crate) fn put(&mut self, key: Vec<u8>, server: Authority) {
        self.gone.remove(&key);
        self.registered.insert(key, server);
    }

    /// A server has left, or its lease has ended.
    pub(crate) fn delete(&mut self, key: Vec<u8>, now: Instant) {
        let registered = self.registered.remove(&key);
        if let Some(server) = registered.or_else(|| Some(self.gone.remove(&key)?.server)) {
            self.lose(key, server, now, true);
        }
    }

    fn lose(&mut self, key: Vec<u8>, server: Authority, since: Instant, is_deleted: bool) {
        let gone = Gone {
            server,
            since,
            is_deleted,
        };
        self.gone.insert(key, gone);
    }

    /// The servers that calls may go to, each address once, and whether the registry has none of them.
    pub(crate) fn list(&mut self, now: Instant) -> (Vec<Authority>, bool) {
        let is_empty = self.registered.is_empty();
        if !is_empty {
            self.gone.retain(|_, gone| now < gone.since + REMEMBER);
        }
        let kept = self
            .gone
            .values()
            .filter(|gone| is_empty || gone.is_kept(now));
        let kept = kept.map(|gone| &gone.server);
        let mut list: Vec<Authority> = Vec::new();
        for server in self.registered.values().chain(kept) {
            if !list.iter().any(|it| it.address() == server.address()) {
                list.push(server.clone());
            }
        }
        list.sort_by_key(Authority::address);
        let all_are_kept = is_empty && !list.is_empty();
        (list, all_are_kept)
    }

    /// When the list changes by itself; `None` where it does not.
    pub(crate) fn changes_at(&self, now: Instant) -> Option<Instant> {
        let kept = self.gone.values().filter(|gone| gone.is_kept(now));
        kept.map(|gone| gone.since + KEEP_MISSING).min()
    }
}

impl Gone {
    fn is_kept(&self, now: Instant) -> bool {
        !self.is_deleted && now < self.since + KEEP_MISSING
    }
}

#[cfg(test)]
mod tests;
