use std::time::Duration;

use test_support::collector::{Behaviour, Collector};
use tonic::Status;

/// What is wrong with a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nobody listens.
    Absent,
    /// Connections are taken, and nothing is read: what a stopped process does.
    Hung,
    /// Each answer takes a while.
    Slow,
    /// Each batch is refused for good.
    Refuses,
    /// One span of each batch is rejected.
    RejectsOne,
    /// What comes back is no HTTP.
    Garbage,
    /// It is well, and its end comes with [`Collector::kill`].
    Dies,
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::None,
        Self::Absent,
        Self::Hung,
        Self::Slow,
        Self::Refuses,
        Self::RejectsOne,
        Self::Garbage,
        Self::Dies,
    ];

    pub(crate) fn loses(self) -> bool {
        !matches!(self, Self::None | Self::Slow)
    }

    pub(crate) fn loses_everything(self) -> bool {
        matches!(
            self,
            Self::Refuses | Self::Absent | Self::Hung | Self::Garbage
        )
    }

    /// Spans are still there when the service is stopped.
    pub(crate) fn keeps_the_queue_full(self) -> bool {
        matches!(self, Self::Absent | Self::Hung | Self::Garbage | Self::Dies)
    }

    /// A collector with this fault.
    pub(crate) fn start(self) -> Collector {
        match self {
            Self::Absent => return Collector::absent(),
            Self::Hung => return Collector::unread(),
            Self::Garbage => return Collector::garbage(),
            _ => {}
        }
        let collector = Collector::running();
        collector.behave(match self {
            Self::Slow => Behaviour::Slow(Duration::from_millis(300)),
            Self::Refuses => Behaviour::Fail(Status::invalid_argument("no"), usize::MAX),
            Self::RejectsOne => Behaviour::Reject(1),
            _ => Behaviour::Accept,
        });
        collector
    }
}
