//! Who calls: found by the identity layers, read by limits, logs and handlers.

use std::{fmt, sync::Arc};

/// The caller of a call, in the extensions of its request.
///
/// A handler reads it with `request.extensions().get::<Principal>()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    name: Arc<str>,
    scopes: Arc<[String]>,
}

impl Principal {
    /// A caller with the scopes that it was granted.
    #[must_use]
    pub fn new(name: &str, scopes: impl IntoIterator<Item = String>) -> Self {
        Self {
            name: name.into(),
            scopes: scopes.into_iter().collect(),
        }
    }

    /// The subject of its token, or the service name in its certificate.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same without a copy, for tables of callers.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Whether it was granted `scope`.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}
