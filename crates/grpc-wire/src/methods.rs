use std::collections::{BTreeMap, HashMap};

use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto};

use crate::{Method, RpcKind};

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

/// A name that no contract declares, as of a method in a list of methods.
#[derive(Debug, thiserror::Error)]
#[error("no contract declares a method {name}{}", or_rather(*nearest))]
pub struct UnknownMethod {
    name: String,
    nearest: Option<&'static str>,
}

fn or_rather(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(": is it {nearest}?"))
}

/// The gRPC methods that exist, as their contracts declare them.
///
/// ```
/// use grpc_wire::Methods;
///
/// let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
/// let check = methods.iter().find(|method| method.path == "/grpc.health.v1.Health/Check");
/// assert_eq!(check.map(|method| method.name), Some("Check"));
/// # Ok::<_, grpc_wire::DescriptorError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Methods {
    methods: Vec<Method>,
}

impl Methods {
    /// Reads the methods from encoded descriptor sets, as the code generation writes them.
    ///
    /// # Errors
    /// [`DescriptorError::Decode`] if one of the sets is no encoded descriptor set.
    pub fn from_descriptor_sets(sets: &[&[u8]]) -> Result<Self, DescriptorError> {
        let methods = paths(sets)?
            .into_iter()
            .filter_map(|(path, kind)| Method::leak(path, kind))
            .collect();
        Ok(Self { methods })
    }

    /// The registered methods, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter()
    }

    /// The method of this full name, as `shop.v1.Stock/Find`.
    ///
    /// ```
    /// # use grpc_wire::Methods;
    /// let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
    /// let error = methods.named("grpc.health.v1.Health/Chek").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no contract declares a method grpc.health.v1.Health/Chek: is it grpc.health.v1.Health/Check?",
    /// );
    /// # Ok::<_, grpc_wire::DescriptorError>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownMethod`], with the name that is nearest, if there is none.
    pub fn named(&self, full_name: &str) -> Result<&Method, UnknownMethod> {
        let found = self.iter().find(|method| method.full_name == full_name);
        found.ok_or_else(|| UnknownMethod {
            name: full_name.to_owned(),
            nearest: self
                .iter()
                .map(|method| method.full_name)
                .min_by_key(|name| strsim::levenshtein(name, full_name)),
        })
    }

    /// The full names of the streaming methods.
    pub fn streams(&self) -> impl Iterator<Item = &'static str> + Clone {
        let streams = self.methods.iter().filter(|method| method.kind.is_stream());
        streams.map(|method| method.full_name)
    }

    /// Prepares a value for each method once, so that a call only has to look it up by its path.
    #[must_use]
    pub fn table<T>(&self, mut prepare: impl FnMut(&Method) -> T) -> MethodTable<T> {
        MethodTable {
            registered: self
                .iter()
                .map(|method| (method.path, prepare(method)))
                .collect(),
            other: prepare(&Method::UNREGISTERED),
        }
    }
}

/// One `T` for each registered method, and one for all others together.
#[derive(Clone, Debug)]
pub struct MethodTable<T> {
    registered: HashMap<&'static str, T>,
    other: T,
}

impl<T> MethodTable<T> {
    /// All prepared values, with the one for [`Method::UNREGISTERED`].
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.registered.values_mut().chain([&mut self.other])
    }

    /// The value for a request path; that of [`Method::UNREGISTERED`] if no method has the path.
    #[must_use]
    pub fn get(&self, path: &str) -> &T {
        self.registered.get(path).unwrap_or(&self.other)
    }
}

/// Each path that the descriptor sets declare, with the kind of its calls.
///
/// Sets may overlap: reflection and health are often in more than one.
fn paths(sets: &[&[u8]]) -> Result<BTreeMap<String, RpcKind>, DescriptorError> {
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
