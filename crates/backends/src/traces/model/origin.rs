//! Where spans come from: the process and the library that made them.

use super::Tag;
use crate::intern::Text;

/// The process that sent the spans.
#[derive(Debug, PartialEq)]
pub(crate) struct Resource {
    /// `service.name`, or `unknown_service` as the SDKs call it.
    pub(crate) service: Text,
    /// The other attributes.
    pub(crate) tags: Box<[Tag]>,
}

/// The library that made the spans. Empty texts mean unknown.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) name: Text,
    pub(crate) version: Text,
}
