use tracing::Level;

use super::fields::Fields;

/// One line, before it has a format.
pub(super) struct Line<'a> {
    pub(super) timestamp: &'a str,
    pub(super) level: Level,
    pub(super) target: &'a str,
    pub(super) service: &'a str,
    pub(super) fields: &'a Fields,
    /// Trace id and span id, in hex.
    pub(super) ids: Option<(&'a str, &'a str)>,
}
