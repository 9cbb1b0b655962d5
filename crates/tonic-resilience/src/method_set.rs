//! A set of gRPC services and methods, by full name.

/// The services and methods that a layer treats differently.
#[derive(Clone, Debug, Default)]
pub(crate) struct MethodSet(Vec<String>);

impl MethodSet {
    /// Adds a service, as `grpc.health.v1.Health`, or one method, as `grpc.health.v1.Health/Watch`.
    pub(crate) fn add(&mut self, name: &str) {
        let is_method = name.contains('/');
        self.0
            .push(format!("/{name}{}", if is_method { "" } else { "/" }));
    }

    /// Whether a path such as `/grpc.health.v1.Health/Check` belongs to one of them.
    pub(crate) fn contain(&self, path: &str) -> bool {
        let covers = |prefix: &String| {
            path == prefix || (prefix.ends_with('/') && path.starts_with(prefix.as_str()))
        };
        self.0.iter().any(covers)
    }
}

#[cfg(test)]
mod tests {
    use super::MethodSet;

    #[test]
    fn a_service_is_all_its_methods_and_a_method_is_itself_alone() {
        let mut services = MethodSet::default();
        services.add("a.Whole");
        services.add("a.Part/One");
        assert!(services.contain("/a.Whole/Any") && services.contain("/a.Part/One"));
        for other in [
            "/a.WholeOther/Any",
            "/a.Part/OneMore",
            "/a.Part/Two",
            "/a.Part",
            "",
        ] {
            assert!(!services.contain(other), "{other}");
        }
    }
}
