/// Which side of a call sends a stream of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RpcKind {
    /// One request, one answer.
    Unary,
    /// A stream of requests, one answer.
    ClientStreaming,
    /// One request, a stream of answers.
    ServerStreaming,
    /// A stream in each direction.
    Bidirectional,
    /// The method is not registered, so nobody knows.
    Unknown,
}

impl RpcKind {
    /// The kind of a method whose descriptor has these two flags.
    #[must_use]
    pub const fn new(client_streaming: bool, server_streaming: bool) -> Self {
        match (client_streaming, server_streaming) {
            (false, false) => Self::Unary,
            (true, false) => Self::ClientStreaming,
            (false, true) => Self::ServerStreaming,
            (true, true) => Self::Bidirectional,
        }
    }

    /// The value of the metric label `type`, spelled as in other languages' gRPC metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ClientStreaming => "client_stream",
            Self::ServerStreaming => "server_stream",
            Self::Bidirectional => "bidi_stream",
            Self::Unknown => "unknown",
        }
    }

    /// Whether either side may send more than one message.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        !matches!(self, Self::Unary | Self::Unknown)
    }

    /// Whether the caller may send more than one message.
    #[must_use]
    pub const fn streams_requests(self) -> bool {
        matches!(
            self,
            Self::ClientStreaming | Self::Bidirectional | Self::Unknown
        )
    }
}
