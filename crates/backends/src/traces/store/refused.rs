//! Requests that were refused as a whole, before or while they were read.

use std::fmt;

use serde::{Serialize, Serializer};

/// Why a request to the OTLP endpoint was refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The path is known, but the request is not gRPC: OTLP/HTTP or Zipkin, most likely.
    UnsupportedMediaType,
    MethodNotAllowed,
    NotFound,
    /// gRPC over HTTP/1.
    HttpVersion,
    /// gRPC, for a service or method that is not served, such as that of metrics, or in an unknown
    /// encoding.
    Unimplemented,
    TooLarge,
    /// The message is not what its method takes.
    Malformed,
    Other,
}

impl Reason {
    const ALL: [Self; 8] = [
        Self::UnsupportedMediaType,
        Self::MethodNotAllowed,
        Self::NotFound,
        Self::HttpVersion,
        Self::Unimplemented,
        Self::TooLarge,
        Self::Malformed,
        Self::Other,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotFound => "not_found",
            Self::HttpVersion => "http_version_not_supported",
            Self::Unimplemented => "unimplemented",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Other => "other",
        }
    }
}

/// How many requests to the OTLP endpoint were refused as a whole, by reason. Nobody knows how many
/// spans were in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefusedRequests {
    counts: [u64; Reason::ALL.len()],
}

impl RefusedRequests {
    pub(super) fn add(&mut self, reason: Reason) {
        self.counts[reason as usize] += 1;
    }

    /// Of all reasons.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Each reason, as `unsupported_media_type`, with its count, which may be zero.
    pub fn by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = Reason::ALL.into_iter().map(Reason::name);
        names.zip(self.counts)
    }
}

/// As `3 exports refused (2 unsupported_media_type, 1 too_large)`.
impl fmt::Display for RefusedRequests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = self.by_reason().filter(|(_, count)| *count > 0);
        let met: Vec<_> = met.map(|(name, count)| format!("{count} {name}")).collect();
        let total = self.total();
        let exports = if total == 1 { "export" } else { "exports" };
        write!(formatter, "{total} {exports} refused ({})", met.join(", "))
    }
}

/// As an object with a number for each reason.
impl Serialize for RefusedRequests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.by_reason())
    }
}
