//! A set of gRPC services, by full name.

/// The services that a layer treats differently.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services(Vec<String>);

impl Services {
    /// Adds a service, such as `grpc.health.v1.Health`.
    pub(crate) fn add(&mut self, service: &str) {
        self.0.push(format!("/{service}/"));
    }

    /// Whether a path such as `/grpc.health.v1.Health/Check` belongs to one of them.
    pub(crate) fn contain(&self, path: &str) -> bool {
        self.0
            .iter()
            .any(|prefix| path.starts_with(prefix.as_str()))
    }
}
