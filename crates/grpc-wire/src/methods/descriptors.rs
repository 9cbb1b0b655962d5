use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto};

use crate::RpcKind;

/// The methods could not be read from a descriptor set.
#[derive(Debug, thiserror::Error)]
pub enum DescriptorError {
    /// The bytes are no encoded `google.protobuf.FileDescriptorSet`.
    #[error("descriptor set {index} is not an encoded FileDescriptorSet")]
    Decode {
        /// Which of the given sets, from 0.
        index: usize,
        /// What the decoder found.
        #[source]
        source: prost::DecodeError,
    },
}

/// Each path that the descriptor sets declare, with the kind of its calls.
///
/// Sets may overlap: reflection and health are often in more than one.
pub(super) fn paths(sets: &[&[u8]]) -> Result<BTreeMap<String, RpcKind>, DescriptorError> {
    let mut paths = BTreeMap::new();
    for (index, set) in sets.iter().enumerate() {
        let set = FileDescriptorSet::decode(*set)
            .map_err(|source| DescriptorError::Decode { index, source })?;
        paths.extend(set.file.iter().flat_map(paths_of_file));
    }
    Ok(paths)
}

fn paths_of_file(file: &FileDescriptorProto) -> impl Iterator<Item = (String, RpcKind)> {
    file.service.iter().flat_map(|service| {
        let service_name = match file.package() {
            "" => service.name().to_owned(),
            package => format!("{package}.{}", service.name()),
        };
        service.method.iter().map(move |method| {
            (
                format!("/{service_name}/{}", method.name()),
                kind_of(method),
            )
        })
    })
}

fn kind_of(method: &MethodDescriptorProto) -> RpcKind {
    RpcKind::new(method.client_streaming(), method.server_streaming())
}
