use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, AtomicUsize, Ordering},
};

use super::connect::{Connect, Connected};
use crate::client::{STREAMS, target::Authority};

/// Streams of the first connection that are reserved for the health watch and for a probe.
const KEPT: usize = 2;

/// Most connections to a server that allows few streams on each.
const MOST_CONNECTIONS: usize = 100;

/// The connections to one server, with room for as many calls as this process makes at a time.
///
/// Another connection is opened when those that are open have as many calls as fit: no call waits
/// for the end of another one.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) authority: Authority,
    connect: Connect,
    max_calls: usize,
    /// How many streams the server allows on a connection.
    allowed: Arc<AtomicU32>,
    /// The first, which is never closed, and carries the health watch.
    first: Connected,
    connections: Mutex<Vec<Connection>>,
    calls: AtomicUsize,
}

#[derive(Debug, Default)]
struct Connection {
    /// `None` while it is closed.
    channel: Option<Connected>,
    calls: usize,
    /// Whether a call used the connection since the last `close_unused`.
    used: bool,
}

impl Pool {
    pub(super) fn new(authority: Authority, connect: Connect, max_calls: usize) -> Self {
        let allowed = Arc::new(AtomicU32::new(STREAMS));
        let first = connect.to(&authority, &allowed);
        let connection = Connection {
            channel: Some(first.clone()),
            ..Connection::default()
        };
        Self {
            authority,
            connect,
            max_calls,
            allowed,
            first,
            connections: Mutex::new(vec![connection]),
            calls: AtomicUsize::new(0),
        }
    }

    pub(super) fn first(&self) -> &Connected {
        &self.first
    }

    /// Calls that have not ended.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether one more call fits; another call may still take the place first.
    pub(super) fn has_room(&self) -> bool {
        let streams = self.streams();
        self.calls() < self.most_connections(streams) * streams - KEPT.min(streams)
    }

    /// A connection with room for a call, by its number; `None` when all are full.
    pub(super) fn take(&self) -> Option<(usize, Connected)> {
        let streams = self.streams();
        let mut connections = self.lock();
        let room = |number| streams - if number == 0 { KEPT.min(streams) } else { 0 };
        let free = connections
            .iter()
            .enumerate()
            .position(|(number, connection)| connection.calls < room(number));
        let number = match free {
            Some(number) => number,
            None if connections.len() < self.most_connections(streams) => {
                connections.push(Connection::default());
                connections.len() - 1
            }
            None => return None,
        };
        let connection = &mut connections[number];
        connection.calls += 1;
        connection.used = true;
        let channel = connection.channel.get_or_insert_with(|| {
            tracing::debug!(server = %self.authority, number, "another connection");
            self.connect.to(&self.authority, &self.allowed)
        });
        self.calls.fetch_add(1, Ordering::Relaxed);
        Some((number, channel.clone()))
    }

    /// Frees the stream of a call that has ended.
    pub(super) fn give_back(&self, number: usize) {
        self.lock()[number].calls -= 1;
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }

    /// Closes the connections that no call has used since this was called the last time.
    pub(super) fn close_unused(&self) {
        for connection in self.lock().iter_mut().skip(1) {
            if connection.calls == 0 && !std::mem::take(&mut connection.used) {
                connection.channel = None;
            }
        }
    }

    /// How many calls fit on a connection; one at least, for a server may say zero for a while.
    fn streams(&self) -> usize {
        let allowed = self.allowed.load(Ordering::Relaxed);
        allowed.clamp(1, STREAMS) as usize
    }

    fn most_connections(&self, streams: usize) -> usize {
        let connections = self.max_calls.saturating_add(KEPT).div_ceil(streams);
        connections.min(MOST_CONNECTIONS)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        // No code panics while it holds the lock; after a panic the counts would still be right.
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        let connections = self.lock();
        let open = connections.iter().filter(|it| it.channel.is_some());
        open.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_beyond_the_first_are_closed_when_they_are_not_used() {
        let authority = std::net::SocketAddr::from(([127, 0, 0, 1], 1)).into();
        let pool = Pool::new(authority, Connect::default(), 250);
        let taken: Vec<usize> =
            std::iter::from_fn(|| pool.take().map(|(number, _)| number)).collect();
        assert_eq!((taken.len(), pool.open()), (298, 3));
        assert!(!pool.has_room());
        for number in taken.iter().rev().take(200) {
            pool.give_back(*number);
        }
        pool.close_unused();
        assert_eq!(pool.open(), 3, "they were used a moment ago");
        pool.close_unused();
        assert_eq!(pool.open(), 1);
        assert!(pool.has_room());
        assert_eq!(pool.take().map(|(number, _)| number), Some(1));
        assert_eq!(pool.open(), 2);
    }
}
