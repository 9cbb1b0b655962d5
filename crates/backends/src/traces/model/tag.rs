//! Attributes, which Jaeger calls tags.

use crate::intern::Text;

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    pub(crate) key: Text,
    pub(crate) value: Value,
}

/// The types that the UI can show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(Text),
    Bool(bool),
    Integer(i64),
    Float(f64),
    /// In base64.
    Bytes(Text),
    /// A list or a map, as JSON; bytes in it are in base64.
    Json(Text),
}
