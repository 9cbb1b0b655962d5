//! A query parameter that cannot be read.

use std::borrow::Cow;

/// Names the parameter, its value, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter {name}={value:?} is not {expected}")]
pub(crate) struct BadParameter {
    pub(crate) name: Cow<'static, str>,
    pub(crate) value: String,
    /// With an example, as "a duration like 1.5ms".
    pub(crate) expected: Cow<'static, str>,
}
