use super::{
    Check,
    dashboards::Query,
    jaeger::Jaeger,
    parts::{LeftOut, Part},
    prometheus::{Prometheus, Target},
    site::Site,
};
use crate::{
    client::{Uri, parse_url},
    embedded::SCRAPE_JOB,
};

/// All parts of the stack that can be asked.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) check: Check,
    pub(super) jaeger: Jaeger,
    pub(super) prometheus: Prometheus,
    pub(super) grafana: Site,
    /// The dashboards of `tracewalk up`.
    pub(super) page: Site,
    /// By its own address, or through Grafana.
    pub(super) loki: Site,
    pub(super) left_out: LeftOut,
    /// The queries of the panels; empty if all parts that answer or draw them are left out.
    pub(super) queries: Vec<Query>,
}

impl Stack {
    /// Takes the addresses, and finds out what is not there on purpose.
    ///
    /// # Errors
    /// When the dashboards are needed and cannot be read.
    pub(super) async fn new(check: Check) -> anyhow::Result<Self> {
        let max_wait = check.target.timeout;
        let site = |part, flag, url: &Option<Uri>, usual: &str| {
            let usual = || parse_url(usual).expect("the usual addresses are addresses");
            let url = url.clone().unwrap_or_else(usual);
            Site::new(part, flag, &url, max_wait)
        };
        let jaeger = Site::new("jaeger", "--ui", &check.target.ui, max_wait);
        let prometheus = site(
            "prometheus",
            "--prometheus",
            &check.prometheus,
            "127.0.0.1:9090",
        );
        let grafana = site("grafana", "--grafana", &check.grafana, "127.0.0.1:3000");
        let page = site(
            "dashboards",
            "--dashboards-page",
            &check.dashboards_page,
            "127.0.0.1:3000",
        );
        let loki = match &check.loki {
            Some(url) => Site::new("loki", "--loki", url, max_wait),
            None => grafana.proxied("loki", "/api/datasources/proxy/uid/loki"),
        };
        let left_out = LeftOut::find(&check, &jaeger, &grafana).await;
        let queries = queries(&check, &left_out)?;
        Ok(Self {
            check,
            jaeger: Jaeger::new(jaeger),
            prometheus: Prometheus::new(prometheus),
            grafana,
            page,
            loki,
            left_out,
            queries,
        })
    }
}

impl Stack {
    /// The targets of Prometheus that are our services; empty without Prometheus, for which there
    /// is a step of its own.
    pub(super) async fn targets(&self) -> Vec<Target> {
        if self.left_out.reason(Part::Prometheus).is_some() {
            return Vec::new();
        }
        let mut targets = self.prometheus.targets().await.unwrap_or_default();
        targets.retain(|target| target.label("job") == SCRAPE_JOB);
        targets
    }
}

fn queries(check: &Check, left_out: &LeftOut) -> anyhow::Result<Vec<Query>> {
    let parts = [Part::Prometheus, Part::Grafana, Part::Dashboards];
    if parts.iter().all(|part| left_out.reason(*part).is_some()) {
        return Ok(Vec::new());
    }
    super::dashboards::read(check.dashboards.as_deref())
}
