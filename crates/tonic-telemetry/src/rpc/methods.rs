use std::collections::HashMap;

use super::{DescriptorError, Method, descriptor};

/// The gRPC methods that exist, as their contracts declare them.
///
/// ```
/// # fn main() -> Result<(), tonic_telemetry::rpc::DescriptorError> {
/// use tonic_telemetry::Methods;
///
/// let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?
///     // A probe every second would bury the other traces; its metrics remain.
///     .without_spans("grpc.health.v1.Health");
/// assert!(methods.iter().any(|method| method.path == "/grpc.health.v1.Health/Check"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Methods {
    methods: Vec<Method>,
}

impl Methods {
    /// Reads the methods from encoded descriptor sets, as the code generation writes them.
    ///
    /// # Errors
    /// [`DescriptorError::Decode`] if one of the sets is something else.
    pub fn from_descriptor_sets(sets: &[&[u8]]) -> Result<Self, DescriptorError> {
        let methods = descriptor::paths(sets)?
            .into_iter()
            .filter_map(|(path, kind)| Method::leak(path, kind))
            .collect();
        Ok(Self { methods })
    }

    /// Makes no spans for the calls of a service, given by its full name; they are still measured.
    ///
    /// A name that no descriptor declares changes nothing.
    #[must_use]
    pub fn without_spans(mut self, service: &str) -> Self {
        for method in &mut self.methods {
            method.traced &= method.service != service;
        }
        self
    }

    /// The registered methods, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter()
    }

    /// The full names of the streaming methods.
    pub fn streams(&self) -> impl Iterator<Item = &'static str> + Clone {
        let streams = self.methods.iter().filter(|method| method.kind.is_stream());
        streams.map(|method| method.full_name)
    }

    /// Prepares something for each method once, so that a call only has to look it up by its path.
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
#[derive(Debug)]
pub struct MethodTable<T> {
    registered: HashMap<&'static str, T>,
    other: T,
}

impl<T> MethodTable<T> {
    /// What was prepared for a request path; for [`Method::UNREGISTERED`] if it is not registered.
    #[must_use]
    pub fn get(&self, path: &str) -> &T {
        self.registered.get(path).unwrap_or(&self.other)
    }
}
