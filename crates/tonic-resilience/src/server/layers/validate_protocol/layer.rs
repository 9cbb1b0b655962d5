use std::{collections::HashMap, sync::Arc};

use grpc_wire::{Methods, code_name};
use prometheus::IntCounterVec;
use tonic::Code;
use tower_layer::Layer;

use super::{ProtocolMetrics, ValidateProtocol};

/// The codes of requests that are at fault.
const CODES: [Code; 5] = [
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::ResourceExhausted,
    Code::Unimplemented,
    Code::Internal,
];

/// Refuses what is not proper gRPC, and completes errors. Inside the span and the log, outside all
/// that reads the call.
///
/// ```
/// # use tonic_resilience::server::layers::validate_protocol::ValidateProtocolLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let methods = grpc_wire::Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
/// let stack = tower::ServiceBuilder::new()
///     .layer(ValidateProtocolLayer::new(&methods).max_message_bytes(1024 * 1024))
///     .service(tonic::service::Routes::new(service));
/// # Ok::<_, grpc_wire::DescriptorError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ValidateProtocolLayer {
    pub(super) limits: Limits,
    /// Whether a method takes exactly one message, by its path.
    methods: Arc<HashMap<&'static str, bool>>,
    invalid: Option<IntCounterVec>,
}

/// What a request may be, at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) message_bytes: u32,
    pub(super) metadata_bytes: usize,
}

impl ValidateProtocolLayer {
    /// Checks calls of these methods.
    #[must_use]
    pub fn new(methods: &Methods) -> Self {
        let takes_one = |method: &grpc_wire::Method| !method.kind.streams_requests();
        Self {
            limits: Limits {
                message_bytes: 4 * 1024 * 1024,
                metadata_bytes: 16 * 1024,
            },
            methods: Arc::new(
                methods
                    .iter()
                    .map(|method| (method.path, takes_one(method)))
                    .collect(),
            ),
            invalid: None,
        }
    }

    /// Most bytes of one message on the wire; default 4 MiB, as tonic's own.
    #[must_use]
    pub fn max_message_bytes(mut self, bytes: u32) -> Self {
        self.limits.message_bytes = bytes;
        self
    }

    /// Most bytes of all metadata of a request; default 16 KiB.
    ///
    /// Keep it below the HTTP/2 limit of the server, which answers with a bare 431.
    #[must_use]
    pub fn max_metadata_bytes(mut self, bytes: usize) -> Self {
        self.limits.metadata_bytes = bytes;
        self
    }

    /// Counts the calls that failed because of their request in
    /// `grpc_rpc_invalid_requests_total{service,method,code}`.
    ///
    /// Calls of methods that no descriptor set has are not counted.
    #[must_use]
    pub fn count_in(mut self, metrics: &ProtocolMetrics) -> Self {
        // A rate needs a zero to start from.
        for path in self.methods.keys() {
            for code in CODES {
                let _made = metrics.invalid.with_label_values(&labels(path, code));
            }
        }
        self.invalid = Some(metrics.invalid.clone());
        self
    }

    /// Whether the method of this path takes exactly one message.
    pub(super) fn takes_one_message(&self, path: &str) -> bool {
        self.methods.get(path).is_some_and(|takes_one| *takes_one)
    }

    pub(super) fn knows(&self, path: &str) -> bool {
        self.methods.contains_key(path)
    }

    pub(super) fn knows_service(&self, service: &str) -> bool {
        let mut paths = self.methods.keys();
        paths.any(|path| labels(path, Code::Ok)[0] == service)
    }

    /// Counts a call that failed because of its request.
    pub(super) fn count(&self, path: &str, code: Code) {
        if let Some(invalid) = &self.invalid
            && self.knows(path)
        {
            invalid.with_label_values(&labels(path, code)).inc();
        }
    }
}

/// The labels of a path such as `/tracewalk.user.v1.UserService/GetUser`.
fn labels(path: &str, code: Code) -> [&str; 3] {
    let name = path.trim_start_matches('/');
    let (service, method) = name.split_once('/').unwrap_or((name, ""));
    [service, method, code_name(code)]
}

impl<S> Layer<S> for ValidateProtocolLayer {
    type Service = ValidateProtocol<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ValidateProtocol::new(inner, self.clone())
    }
}
