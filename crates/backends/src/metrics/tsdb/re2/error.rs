/// Why a text is not a valid pattern, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {0}")]
pub(crate) struct PatternError(pub(super) String);

impl PatternError {
    pub(super) fn new(reason: &str, part: &str) -> Self {
        Self(format!("{reason}: `{part}`"))
    }
}
