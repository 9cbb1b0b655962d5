use std::collections::BTreeMap;
use std::fmt;

/// Where every span of this process is, at one instant.
///
/// `started = exported + failed + dropped + queued` holds in every reading. A span enters the
/// ledger when it ends, which is when it can be lost; spans that are still open are [`live`].
///
/// [`live`]: Self::live
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ledger {
    /// Sampled spans that have ended since the start of the process.
    pub started: u64,
    /// Spans that the collector has accepted.
    pub exported: u64,
    /// Spans that were sent and refused, by reason: a gRPC code, the status of an HTTP answer or
    /// `_OTHER`, `grpc` where a gRPC server answered HTTP, `rejected`, or `exporter_error`.
    pub failed: BTreeMap<&'static str, u64>,
    /// Spans that were never sent, by reason: `queue_full`, `already_shutdown` or `shutdown`.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Spans that wait in the queue or are being sent.
    pub queued: u64,
    /// Most spans that may be queued.
    pub capacity: u64,
    /// Spans that are open: begun and not ended. Not part of the identity.
    pub live: u64,
}

impl Ledger {
    /// Spans that were sent and refused, whatever the reason.
    #[must_use]
    pub fn failed_total(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Spans that were never sent, whatever the reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.values().sum()
    }

    /// Spans that did not reach the collector: failed and dropped.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.failed_total() + self.dropped_total()
    }

    /// Whether `started = exported + failed + dropped + queued`.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.started == self.exported + self.lost() + self.queued
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "started {} = exported {} + failed {}",
            self.started,
            self.exported,
            self.failed_total()
        )?;
        reasons(formatter, &self.failed)?;
        write!(formatter, " + dropped {}", self.dropped_total())?;
        reasons(formatter, &self.dropped)?;
        write!(formatter, " + queued {}", self.queued)
    }
}

/// Writes ` (queue_full 3, shutdown 1)`, or nothing where nothing was counted.
fn reasons(
    formatter: &mut fmt::Formatter<'_>,
    counts: &BTreeMap<&'static str, u64>,
) -> fmt::Result {
    for (position, (reason, count)) in counts.iter().enumerate() {
        let separator = if position == 0 { " (" } else { ", " };
        write!(formatter, "{separator}{reason} {count}")?;
    }
    if counts.is_empty() {
        Ok(())
    } else {
        formatter.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledger_reads_as_an_equation() {
        let ledger = Ledger {
            started: 10,
            exported: 4,
            failed: BTreeMap::from([("UNAVAILABLE", 1)]),
            dropped: BTreeMap::from([("queue_full", 2), ("shutdown", 1)]),
            queued: 2,
            ..Ledger::default()
        };

        assert!(ledger.balances());
        assert_eq!(
            ledger.to_string(),
            "started 10 = exported 4 + failed 1 (UNAVAILABLE 1) \
             + dropped 3 (queue_full 2, shutdown 1) + queued 2"
        );
    }
}
