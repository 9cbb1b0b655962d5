use std::{collections::HashSet, sync::Arc};

use prost::Message;
use prost_types::FileDescriptorSet;
use tower_layer::Layer;

use super::StrictWire;

/// Refuses what is not proper gRPC. Inside the span, outside all that reads the call.
///
/// ```
/// # use transport::strict_wire::StrictWireLayer;
/// # let (_, service) = transport::health::Health::new(&[]);
/// let descriptors = [tonic_health::pb::FILE_DESCRIPTOR_SET];
/// let stack = tower::ServiceBuilder::new()
///     .layer(StrictWireLayer::new(&descriptors)?.max_message_bytes(1024 * 1024))
///     .service(tonic::service::Routes::new(service));
/// # Ok::<_, transport::strict_wire::DescriptorError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StrictWireLayer {
    pub(super) limits: Limits,
    /// The paths of methods whose request is one message.
    single: Arc<HashSet<String>>,
}

/// What a request may be, at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) message_bytes: u32,
    pub(super) metadata_bytes: usize,
}

/// A descriptor set does not decode: it is not what the code generator wrote.
#[derive(Debug, thiserror::Error)]
#[error("a descriptor set does not decode")]
pub struct DescriptorError(#[from] prost::DecodeError);

impl StrictWireLayer {
    /// Learns from encoded descriptor sets which methods take one message.
    ///
    /// # Errors
    ///
    /// [`DescriptorError`] when one of them does not decode.
    pub fn new(descriptor_sets: &[&[u8]]) -> Result<Self, DescriptorError> {
        let mut single = HashSet::new();
        for set in descriptor_sets {
            for file in FileDescriptorSet::decode(*set)?.file {
                for service in &file.service {
                    let methods = service.method.iter();
                    single.extend(methods.filter(|method| !method.client_streaming()).map(
                        |method| {
                            format!("/{}.{}/{}", file.package(), service.name(), method.name())
                        },
                    ));
                }
            }
        }
        Ok(Self {
            limits: Limits {
                message_bytes: 4 * 1024 * 1024,
                metadata_bytes: 16 * 1024,
            },
            single: Arc::new(single),
        })
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

    /// Whether the method of this path takes exactly one message.
    pub(super) fn takes_one_message(&self, path: &str) -> bool {
        self.single.contains(path)
    }
}

impl<S> Layer<S> for StrictWireLayer {
    type Service = StrictWire<S>;

    fn layer(&self, inner: S) -> Self::Service {
        StrictWire::new(inner, self.clone())
    }
}
