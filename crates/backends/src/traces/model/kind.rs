//! The part that a span plays in a call.

/// As OTLP has it; Jaeger writes it as the tag `span.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl Kind {
    /// The lowercase name; empty when the kind is unspecified.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }

    /// From a name in any case, as the parameters of Jaeger's API have it.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Internal,
            Self::Server,
            Self::Client,
            Self::Producer,
            Self::Consumer,
        ];
        let mut all = all.into_iter();
        if name.eq_ignore_ascii_case("unspecified") {
            return Some(Self::Unspecified);
        }
        all.find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// From the number on the wire; a number of a later version of OTLP is unspecified.
    pub(crate) fn from_number(number: i32) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }
}
