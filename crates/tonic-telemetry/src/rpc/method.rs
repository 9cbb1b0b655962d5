use super::RpcKind;

/// The service, method and span attribute of every call to a method that is not registered.
///
/// Spec: [`rpc.method`][spec] (semantic conventions v1.44.0). A caller who invents paths can so
/// neither grow the metrics nor fill the trace store with operation names.
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/rpc-spans.md
pub const OTHER: &str = "_OTHER";

/// A gRPC method, with its name in every form that telemetry needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The path of its requests: `/package.Service/Method`.
    pub path: &'static str,
    /// The path without the slash, as in `rpc.method`; [`OTHER`] for an unregistered method.
    pub full_name: &'static str,
    /// The name of its spans: the full name, or `grpc` where that is unknown.
    pub span_name: &'static str,
    /// The full name of its service: `package.Service`.
    pub service: &'static str,
    /// Its bare name: `Method`.
    pub name: &'static str,
    /// Which side streams.
    pub kind: RpcKind,
    /// Whether its calls make spans; they are measured either way.
    pub traced: bool,
}

impl Method {
    /// What a call is counted as when its path is not registered.
    pub const UNREGISTERED: Self = Self {
        path: "",
        full_name: OTHER,
        span_name: "grpc",
        service: OTHER,
        name: OTHER,
        kind: RpcKind::Unknown,
        traced: true,
    };

    /// Whether a descriptor declares this method.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.full_name != OTHER
    }

    /// The method as the spans of its attempts name it: `Attempt`, and the name of its calls.
    ///
    /// Two rows of a trace with one name would look like one too many. Leaked as all names are.
    pub(crate) fn attempt(self) -> Self {
        Self {
            span_name: format!("Attempt {}", self.span_name).leak(),
            ..self
        }
    }

    /// The names are leaked: a process builds its table once, and the tracing API wants names of
    /// static lifetime, or else a fresh copy for every span.
    pub(super) fn leak(path: String, kind: RpcKind) -> Option<Self> {
        let path: &'static str = path.leak();
        let full_name = path.strip_prefix('/')?;
        let (service, name) = full_name.split_once('/')?;
        Some(Self {
            path,
            full_name,
            span_name: full_name,
            service,
            name,
            kind,
            traced: true,
        })
    }
}
