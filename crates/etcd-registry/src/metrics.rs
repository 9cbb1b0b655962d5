use prometheus::{IntCounter, IntGauge, IntGaugeVec, Opts, Registry};

/// The series of a registration.
#[derive(Clone, Debug)]
pub(crate) struct RegisterMetrics {
    pub(crate) registered: IntGauge,
    pub(crate) registrations: IntCounter,
}

impl RegisterMetrics {
    /// # Errors
    /// When the registry has other series of these names.
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let registered = IntGauge::new(
            "registry_registered",
            "1 while this server is registered and its lease is renewed, else 0.",
        )?;
        let registrations = IntCounter::new(
            "registry_registrations_total",
            "How often this server has registered: again after each time that etcd was away.",
        )?;
        registry.register(Box::new(registered.clone()))?;
        registry.register(Box::new(registrations.clone()))?;
        Ok(Self {
            registered,
            registrations,
        })
    }
}

/// The series of all watched targets of a process.
#[derive(Clone, Debug)]
pub(crate) struct WatchMetrics {
    watching: IntGaugeVec,
    servers: IntGaugeVec,
}

/// Those of one target.
#[derive(Clone, Debug)]
pub(crate) struct OfTarget {
    pub(crate) watching: IntGauge,
    pub(crate) servers: IntGauge,
}

impl WatchMetrics {
    /// # Errors
    /// When the registry has other series of these names.
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let gauges = |name, help| IntGaugeVec::new(Opts::new(name, help), &["target"]);
        let watching = gauges(
            "registry_watching",
            "1 while the servers of a target are watched, 0 while the last known ones are used.",
        )?;
        let servers = gauges(
            "registry_servers",
            "Servers of a target, with those that are kept while the registry lacks them.",
        )?;
        registry.register(Box::new(watching.clone()))?;
        registry.register(Box::new(servers.clone()))?;
        Ok(Self { watching, servers })
    }

    pub(crate) fn of(&self, target: &str) -> OfTarget {
        OfTarget {
            watching: self.watching.with_label_values(&[target]),
            servers: self.servers.with_label_values(&[target]),
        }
    }
}
