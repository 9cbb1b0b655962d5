use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry};

use super::{TlsError, configs::Configs};

/// The series of the certificates of a process.
#[derive(Clone, Debug)]
pub struct TlsMetrics {
    not_after: IntGaugeVec,
    reloads: IntCounterVec,
    handshakes_failed: IntCounter,
}

impl Default for TlsMetrics {
    /// Series that nobody reads: for a client that makes one connection.
    fn default() -> Self {
        let not_after = IntGaugeVec::new(
            Opts::new(
                "tls_cert_not_after_timestamp_seconds",
                "When the certificate in use ends.",
            ),
            &["role"],
        );
        let reloads = IntCounterVec::new(
            Opts::new("tls_reloads_total", "Certificate files read anew."),
            &["result"],
        );
        let handshakes_failed = IntCounter::new(
            "tls_handshakes_failed_total",
            "Connections that did not become TLS.",
        );
        Self {
            not_after: not_after.expect("the name is well formed"),
            reloads: reloads.expect("the name is well formed"),
            handshakes_failed: handshakes_failed.expect("the name is well formed"),
        }
    }
}

impl TlsMetrics {
    /// Registers the series; once a registry.
    ///
    /// # Errors
    ///
    /// When the registry has series of these names.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let metrics = Self::default();
        registry.register(Box::new(metrics.not_after.clone()))?;
        registry.register(Box::new(metrics.reloads.clone()))?;
        registry.register(Box::new(metrics.handshakes_failed.clone()))?;
        for result in ["used", "refused"] {
            metrics.reloads.with_label_values(&[result]);
        }
        Ok(metrics)
    }

    /// Files were read, at first or anew.
    pub(super) fn loaded(&self, configs: Result<&Configs, &TlsError>) {
        let Ok(configs) = configs else {
            self.reloads.with_label_values(&["refused"]).inc();
            return;
        };
        self.reloads.with_label_values(&["used"]).inc();
        let role = |role| self.not_after.with_label_values(&[role]);
        role("leaf").set(configs.leaf_not_after);
        role("ca").set(configs.ca_not_after);
    }

    pub(super) fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }
}
