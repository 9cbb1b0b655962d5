mod descriptors;
mod learned;
mod table;

pub use self::{descriptors::DescriptorError, learned::LearnedMethods, table::MethodTable};

use crate::{Method, RpcKind};

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

/// A full name of a service that no contract declares.
#[derive(Debug, thiserror::Error)]
#[error("no contract declares a service {name}{}", or_rather(*nearest))]
pub struct UnknownService {
    name: String,
    nearest: Option<&'static str>,
}

fn nearest(names: impl Iterator<Item = &'static str>, name: &str) -> Option<&'static str> {
    names.min_by_key(|other| strsim::levenshtein(other, name))
}

/// The gRPC methods that exist, as their contracts declare them: of the services that a program
/// serves, and of those that it calls. By default none.
///
/// ```
/// use grpc_wire::{Methods, RpcKind};
///
/// let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?
///     .only(["grpc.health.v1.Health"])?
///     // A service without a descriptor set.
///     .and("shop.v1.Stock", [("Find", RpcKind::Unary), ("Watch", RpcKind::ServerStreaming)]);
/// assert_eq!(methods.named("shop.v1.Stock/Find")?.name, "Find");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Methods {
    methods: Vec<Method>,
}

impl Methods {
    /// Reads the methods from encoded descriptor sets, as the code generation writes them.
    ///
    /// One line of `build.rs` asks for the set:
    ///
    /// ```ignore
    /// tonic_prost_build::configure()
    ///     .file_descriptor_set_path(std::env::var("OUT_DIR")? + "/shop.bin") // this one
    ///     .compile_protos(&["proto/shop.proto"], &["proto"])?;
    /// ```
    ///
    /// and one line of the program includes it:
    ///
    /// ```ignore
    /// const SHOP: &[u8] = tonic::include_file_descriptor_set!("shop");
    /// ```
    ///
    /// The set has all services of all files, with those that they import: [`only`](Self::only)
    /// keeps those that this program serves or calls. The crates `tonic-health` and
    /// `tonic-reflection` have theirs as `pb::FILE_DESCRIPTOR_SET`.
    ///
    /// # Errors
    /// [`DescriptorError::Decode`] if one of the sets is no encoded descriptor set.
    pub fn from_descriptor_sets(sets: &[&[u8]]) -> Result<Self, DescriptorError> {
        let methods = descriptors::paths(sets)?
            .into_iter()
            .filter_map(|(path, kind)| Method::leak(path, kind))
            .collect();
        Ok(Self { methods })
    }

    /// Only the methods of these services, by their full names.
    ///
    /// Each method has its series on the metrics page from the start, so what is neither served
    /// nor called would make the page long.
    ///
    /// ```
    /// # use grpc_wire::Methods;
    /// # let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
    /// let error = methods.only(["grpc.health.v1.Heath"]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no contract declares a service grpc.health.v1.Heath: is it grpc.health.v1.Health?",
    /// );
    /// # Ok::<_, grpc_wire::DescriptorError>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownService`], with the name that is nearest, where no contract declares one of them.
    pub fn only<'a>(
        mut self,
        services: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, UnknownService> {
        let services: Vec<_> = services.into_iter().collect();
        for name in &services {
            let mut known = self.iter().map(|method| method.service);
            if !known.any(|service| service == *name) {
                return Err(UnknownService {
                    name: (*name).to_owned(),
                    nearest: nearest(self.iter().map(|method| method.service), name),
                });
            }
        }
        self.methods
            .retain(|method| services.contains(&method.service));
        Ok(self)
    }

    /// Adds methods of a service by hand, those that are not there yet: for a service without a
    /// descriptor set.
    #[must_use]
    pub fn and<'a>(
        mut self,
        service: &str,
        methods: impl IntoIterator<Item = (&'a str, RpcKind)>,
    ) -> Self {
        for (name, kind) in methods {
            let path = format!("/{service}/{name}");
            if self.methods.iter().all(|method| method.path != path) {
                self.methods.extend(Method::leak(path, kind));
            }
        }
        self.methods.sort_by_key(|method| method.path);
        self
    }

    /// Whether no method is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.methods.is_empty()
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
            nearest: nearest(self.iter().map(|method| method.full_name), full_name),
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
        let registered = self.iter().map(|method| (method.path, prepare(method)));
        MethodTable {
            registered: registered.collect(),
            other: prepare(&Method::UNREGISTERED),
        }
    }
}
