use std::borrow::Cow;

use crate::Transport;

/// What spans say of where events wait.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The value of `messaging.system`.
    pub(crate) system: &'static str,
    /// The value of `messaging.destination.name`.
    pub(crate) name: Cow<'static, str>,
}

impl Transport {
    /// Where the events of this name wait: those of a call in the outbox and the inbox, and others in
    /// their topic, whatever its name.
    #[must_use]
    pub fn destination(&self, events: &'static str) -> Destination {
        match self {
            Self::Grpc => events.into(),
            Self::Kafka(url) => Destination {
                system: "kafka",
                name: url.topic().to_owned().into(),
            },
        }
    }
}

impl From<&'static str> for Destination {
    /// Events that wait in the databases alone.
    fn from(name: &'static str) -> Self {
        Self {
            system: "outbox",
            name: name.into(),
        }
    }
}
