/// The service and the method of every call to a method that is not registered.
///
/// Spec: [`rpc.method`][spec] (semantic conventions v1.44.0). So a caller who makes up paths can
/// neither add series to the metrics nor operation names to the trace store.
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/rpc-spans.md
pub const OTHER: &str = "_OTHER";

/// A gRPC method, with each part of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The path of its requests: `/package.Service/Method`.
    pub path: &'static str,
    /// The path without the slash, as in `rpc.method`; [`OTHER`] for an unregistered method.
    pub full_name: &'static str,
    /// The full name of its service: `package.Service`.
    pub service: &'static str,
    /// Its bare name: `Method`.
    pub name: &'static str,
    /// Which side streams.
    pub kind: RpcKind,
}

impl Method {
    /// The method that stands for every call whose path is not registered.
    pub const UNREGISTERED: Self = Self {
        path: "",
        full_name: OTHER,
        service: OTHER,
        name: OTHER,
        kind: RpcKind::Unknown,
    };

    /// Whether a descriptor declares this method.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.full_name != OTHER
    }

    /// `None` where the path is none of a method.
    ///
    /// The names are leaked: a process knows few methods, and the tracing API copies a name for
    /// every span unless the name has a static lifetime.
    pub(crate) fn leak(path: String, kind: RpcKind) -> Option<Self> {
        let service_ends = path.strip_prefix('/')?.find('/')?;
        let path: &'static str = path.leak();
        let full_name = &path[1..];
        Some(Self {
            path,
            full_name,
            service: &full_name[..service_ends],
            name: &full_name[service_ends + 1..],
            kind,
        })
    }
}

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
    /// The method is not registered, so its kind is not known.
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
