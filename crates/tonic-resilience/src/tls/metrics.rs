use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry};

use super::{TlsError, config::Configs};

/// The series of the certificates of a process.
#[derive(Clone, Debug)]
pub struct TlsMetrics {
    not_after: IntGaugeVec,
    /// For each service, when its certificate and that of its authority end.
    ends: Arc<Mutex<HashMap<String, [i64; 2]>>>,
    reloads: IntCounterVec,
    handshakes_failed: IntCounter,
}

impl Default for TlsMetrics {
    /// Series that are not registered: for a client that makes one connection.
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
            ends: Arc::default(),
            reloads: reloads.expect("the name is well formed"),
            handshakes_failed: handshakes_failed.expect("the name is well formed"),
        }
    }
}

impl TlsMetrics {
    /// Registers the series; call it once for each registry.
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

    /// Counts a reload of a service's files.
    pub(super) fn reloaded(&self, service: &str, configs: Result<&Configs, &TlsError>) {
        let result = if configs.is_ok() { "used" } else { "refused" };
        self.reloads.with_label_values(&[result]).inc();
        if let Ok(configs) = configs {
            self.in_use(service, configs);
        }
    }

    /// Shows when the certificates in use by a service end; of several services, the earliest end.
    pub(super) fn in_use(&self, service: &str, configs: &Configs) {
        // No code panics while it holds the lock; after a panic the map would still be whole.
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let of_this = [configs.leaf_not_after, configs.ca_not_after];
        ends.insert(service.to_owned(), of_this);
        for (index, role) in ["leaf", "ca"].into_iter().enumerate() {
            let first = ends.values().map(|ends| ends[index]).min();
            let gauge = self.not_after.with_label_values(&[role]);
            gauge.set(first.unwrap_or_default());
        }
    }

    pub(super) fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }
}
