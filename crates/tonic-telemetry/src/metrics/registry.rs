use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::SystemTime,
};

use opentelemetry_sdk::Resource;
use prometheus::{
    Encoder as _, HistogramOpts, IntGauge, Opts, TEXT_FORMAT, TextEncoder, core::Collector,
    proto::MetricFamily,
};

use super::{
    ExemplarHistogramVec, OPENMETRICS_FORMAT, PROTOBUF_FORMAT, RpcMetricNames, accept::Format,
    created::CreationTimes, family::Family, names::label_name, openmetrics, protobuf,
    rpc::RpcFamilies,
};

/// The metrics of one service: those of its RPCs, of its process, and its own.
///
/// A clone is the same registry. Nothing is global, so each test can have its own.
#[derive(Clone, Debug)]
pub struct Registry {
    prometheus: prometheus::Registry,
    /// The data that is kept beside the histograms, by their names.
    beside: Arc<RwLock<HashMap<String, Arc<Family>>>>,
    created: Arc<CreationTimes>,
    rpc: Arc<RpcFamilies>,
    /// What [`once`](Self::once) has made, by its type.
    made: Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send>>>>,
    /// Registries of others, whose families are on the page too.
    joined: Arc<RwLock<Vec<prometheus::Registry>>>,
}

impl Registry {
    /// A registry with the RPC families, still without series; with the feature `process`, on Linux also with `process_*`.
    #[must_use]
    pub fn new() -> Self {
        Self::with_names(RpcMetricNames::default())
    }

    /// A registry as [`new`](Self::new) makes, with the RPC histograms under these names.
    #[must_use]
    pub fn with_names(names: RpcMetricNames) -> Self {
        let registry = Self {
            prometheus: prometheus::Registry::new(),
            beside: Arc::default(),
            created: Arc::new(CreationTimes::new(SystemTime::now())),
            rpc: Arc::new(RpcFamilies::new(names)),
            made: Arc::default(),
            joined: Arc::default(),
        };
        registry.add_own_families();
        registry
    }

    /// Where other parts of the service register metrics of their own.
    #[must_use]
    pub fn prometheus(&self) -> &prometheus::Registry {
        &self.prometheus
    }

    /// Shows the families of another registry on the page as well, such as those that libraries
    /// register by the macros of `prometheus`. Of families with one name the first one counts:
    /// `process_*` of the default registry are left out.
    ///
    /// ```
    /// # let metrics = tonic_telemetry::metrics::Registry::new();
    /// metrics.join(prometheus::default_registry());
    /// ```
    pub fn join(&self, registry: &prometheus::Registry) {
        let joined = self.joined.write();
        let mut joined = joined.unwrap_or_else(PoisonError::into_inner);
        joined.push(registry.clone());
    }

    /// Calls `register` at the first call for its type, and returns a clone of the same families at
    /// each later call. So two clients of a service, told apart by a label, share the families.
    ///
    /// ```
    /// # use tonic_telemetry::metrics::Registry;
    /// #[derive(Clone)]
    /// struct CacheMetrics(prometheus::IntCounterVec);
    ///
    /// let registry = Registry::new();
    /// let metrics = || {
    ///     registry.once(|registry| {
    ///         let options = prometheus::Opts::new("cache_hits_total", "Answers from a cache.");
    ///         let hits = prometheus::IntCounterVec::new(options, &["cache"])?;
    ///         registry.register(Box::new(hits.clone()))?;
    ///         Ok(CacheMetrics(hits))
    ///     })
    /// };
    /// metrics()?.0.with_label_values(&["users"]).inc();
    /// metrics()?.0.with_label_values(&["profiles"]).inc();
    /// # Ok::<_, prometheus::Error>(())
    /// ```
    ///
    /// # Errors
    /// The error of `register`, which is called again at the next call.
    pub fn once<T: Clone + Send + 'static>(
        &self,
        register: impl FnOnce(&prometheus::Registry) -> prometheus::Result<T>,
    ) -> prometheus::Result<T> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.get(&TypeId::of::<T>());
        if let Some(known) = known.and_then(|known| known.downcast_ref::<T>()) {
            return Ok(known.clone());
        }
        let families = register(&self.prometheus)?;
        made.insert(TypeId::of::<T>(), Box::new(families.clone()));
        Ok(families)
    }

    /// A histogram family with classic buckets, whose series remember a trace for each bucket.
    ///
    /// # Errors
    /// If the name is taken, or if a name or a bucket is not what Prometheus allows.
    pub fn histogram(
        &self,
        options: HistogramOpts,
        labels: &[&str],
    ) -> prometheus::Result<ExemplarHistogramVec> {
        self.register_histogram(ExemplarHistogramVec::new(options, labels, false)?)
    }

    /// A [`histogram`](Self::histogram) of seconds that has native buckets beside the classic ones:
    /// from 61 µs to 64 s, 9 % apart. Shorter values count as zero, longer ones as 64 s.
    ///
    /// # Errors
    /// As [`histogram`](Self::histogram).
    pub fn native_histogram(
        &self,
        options: HistogramOpts,
        labels: &[&str],
    ) -> prometheus::Result<ExemplarHistogramVec> {
        self.register_histogram(ExemplarHistogramVec::new(options, labels, true)?)
    }

    /// Shows which build of which service runs, as `build_info{name="user",version="0.1.0"} 1`.
    ///
    /// # Errors
    /// If the registry shows a build already.
    pub fn build_info(&self, name: &str, version: &str) -> prometheus::Result<()> {
        let options = Opts::new("build_info", "Always 1; the labels say which build runs.")
            .const_label("name", name)
            .const_label("version", version);
        let build = IntGauge::with_opts(options)?;
        build.set(1);
        self.add(build)
    }

    /// Shows the resource of the spans, as `target_info{service_instance_id="…"} 1`, so that a query
    /// can find the metrics of the process that a span is from. `service.name` is left out: it is a
    /// label of the target where the page is scraped.
    ///
    /// Spec: [resource attributes](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1).
    ///
    /// # Errors
    /// If the registry shows a resource already.
    pub fn target_info(&self, resource: &Resource) -> prometheus::Result<()> {
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in resource
            .iter()
            .filter(|(key, _)| key.as_str() != "service.name")
        {
            let known = labels.entry(label_name(key.as_str())).or_default();
            if !known.is_empty() {
                known.push(';');
            }
            known.push_str(&value.as_str());
        }
        let options = Opts::new(
            "target_info",
            "Always 1; the labels are the resource of the spans.",
        )
        .const_labels(labels.into_iter().collect());
        let target = IntGauge::with_opts(options)?;
        target.set(1);
        self.add(target)
    }

    /// The page for a scrape that sends this `Accept` header, and its content type.
    ///
    /// Text 0.0.4; or for those who prefer it by name, OpenMetrics with exemplars, or protobuf with
    /// exemplars and native histograms.
    #[must_use]
    pub fn encode(&self, accept: Option<&str>) -> (&'static str, Vec<u8>) {
        match Format::negotiate(accept) {
            Format::Text => (TEXT_FORMAT, self.encode_text()),
            Format::OpenMetrics => (OPENMETRICS_FORMAT, self.encode_openmetrics()),
            Format::Protobuf => (PROTOBUF_FORMAT, self.encode_protobuf()),
        }
    }

    pub(crate) fn rpc(&self) -> &RpcFamilies {
        &self.rpc
    }

    fn encode_text(&self) -> Vec<u8> {
        let mut page = Vec::new();
        TextEncoder::new()
            .encode(&self.gather(), &mut page)
            .expect("a gathered family has a type and samples, and memory takes every write");
        page
    }

    fn encode_openmetrics(&self) -> Vec<u8> {
        let mut page = String::new();
        let families = self.gather();
        let created = self.created.of(&families, SystemTime::now());
        openmetrics::write_page(&mut page, &families, &created, |name| self.beside(name))
            .expect("a string grows");
        page.into_bytes()
    }

    fn encode_protobuf(&self) -> Vec<u8> {
        let families = self.gather();
        let created = self.created.of(&families, SystemTime::now());
        protobuf::page(&families, &created, |name| self.beside(name))
    }

    /// All families, sorted by name.
    fn gather(&self) -> Vec<MetricFamily> {
        let mut families = self.prometheus.gather();
        let joined = self.joined.read();
        let joined = joined.unwrap_or_else(PoisonError::into_inner);
        for registry in joined.iter() {
            for family in registry.gather() {
                let place = families.binary_search_by(|it| it.name().cmp(family.name()));
                if let Err(free) = place {
                    families.insert(free, family);
                }
            }
        }
        families
    }

    fn beside(&self, name: &str) -> Option<Arc<Family>> {
        self.beside.read().expect(NO_PANIC).get(name).cloned()
    }

    fn add_own_families(&self) {
        for histogram in self.rpc.histograms() {
            self.add_histogram(histogram).expect(NEW);
        }
        for counter in self.rpc.counters() {
            self.add(counter.clone()).expect(NEW);
        }
        #[cfg(all(feature = "process", target_os = "linux"))]
        self.add(super::process::ProcessMetrics::new()).expect(NEW);
    }

    fn add(&self, collector: impl Collector + 'static) -> prometheus::Result<()> {
        self.prometheus.register(Box::new(collector))
    }

    fn register_histogram(
        &self,
        histogram: ExemplarHistogramVec,
    ) -> prometheus::Result<ExemplarHistogramVec> {
        self.add_histogram(&histogram)?;
        Ok(histogram)
    }

    fn add_histogram(&self, histogram: &ExemplarHistogramVec) -> prometheus::Result<()> {
        self.add(histogram.clone())?;
        self.beside
            .write()
            .expect(NO_PANIC)
            .insert(histogram.name().to_owned(), histogram.beside().clone());
        Ok(())
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

const NEW: &str = "the names are constants, valid and different, and the registry is empty";
const NO_PANIC: &str = "nothing panics while it holds the table of families";
