use std::collections::HashMap;

#[cfg(doc)]
use crate::Method;

/// One `T` for each registered method, and one for all others together.
#[derive(Clone, Debug)]
pub struct MethodTable<T> {
    pub(super) registered: HashMap<&'static str, T>,
    pub(super) other: T,
}

impl<T> MethodTable<T> {
    /// The value for a request path; that of [`Method::UNREGISTERED`] if no method has the path.
    #[must_use]
    pub fn get(&self, path: &str) -> &T {
        self.registered.get(path).unwrap_or(&self.other)
    }
}
