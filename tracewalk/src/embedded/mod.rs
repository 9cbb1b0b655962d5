//! The embedded backends, which `tracewalk up` and `tracewalk view` host: where they listen, what
//! they scrape, and which rules they evaluate.

mod options;
mod ports;
mod rules;
mod scrape;
mod status;

use std::net::SocketAddr;

use anyhow::{Context as _, anyhow};
use backends::{
    Limits, TraceStore,
    metrics::{self, Prometheus, RuleError, SampleLimits, Target},
    traces::{jaeger, otlp},
    web::{self, Site, reachable},
};
use tokio::{net::TcpListener, task::JoinSet};

use crate::stop::Stop;
pub(crate) use options::Options;
pub(crate) use ports::{Ports, open};
pub(crate) use scrape::{SCRAPE_JOB, ScrapeTarget};
pub(crate) use status::{report, spinner};

/// The OTLP receivers, the trace store, the Jaeger UI, the scraper with Prometheus' query API, and the
/// dashboards, in this process. Each address is one that this machine can open.
#[derive(Debug)]
pub(crate) struct Backends {
    pub(crate) store: TraceStore,
    /// Where spans are sent over gRPC.
    pub(crate) otlp: SocketAddr,
    /// Whether spans are taken there.
    pub(crate) gate: otlp::Gate,
    /// Where spans are sent over HTTP.
    pub(crate) otlp_http: SocketAddr,
    /// Where the UI is.
    pub(crate) ui: SocketAddr,
    /// Where metrics are asked for.
    pub(crate) prometheus: SocketAddr,
    /// Where the dashboards are.
    pub(crate) dashboards: SocketAddr,
    pub(crate) metrics: Prometheus,
    stop: Stop,
    servers: JoinSet<anyhow::Result<()>>,
    /// The dashboards page, until it is served.
    pages: Option<(TcpListener, Site)>,
}

impl Backends {
    /// Starts to serve on these ports, all but the dashboards page, and scrapes the targets of the
    /// options.
    pub(crate) fn start(ports: Ports, options: &Options) -> anyhow::Result<Self> {
        let store = store(options);
        let (otlp, otlp_address) = listen(ports.otlp)?;
        let (otlp_http, otlp_http_address) = listen(ports.otlp_http)?;
        let (ui, ui_address) = listen(ports.ui)?;
        let (api, api_address) = listen(ports.prometheus)?;
        let (pages, pages_address) = listen(ports.dashboards)?;
        let metrics = scraper(&store, reachable(api_address), options)?;
        let site = Site {
            store: store.clone(),
            jaeger: ui_address,
            prometheus: api_address,
            http: None,
            scrape_interval: metrics::INTERVAL,
        };
        let stop = Stop::default();
        let mut servers = JoinSet::new();
        let gate = otlp::Gate::default();
        let receiver = otlp::serve_behind(gate.clone(), otlp, store.clone(), stop.wait());
        servers.spawn(async { receiver.await.context("the OTLP receiver failed") });
        let receiver = otlp::serve_http(otlp_http, store.clone(), stop.wait());
        servers.spawn(async { receiver.await.context("the OTLP/HTTP receiver failed") });
        let jaeger = jaeger::serve(ui, store.clone(), Some(pages_address), stop.wait());
        servers.spawn(async { jaeger.await.context("the Jaeger UI failed") });
        let api = metrics::serve(api, metrics.clone(), stop.wait());
        servers.spawn(async { api.await.context("the Prometheus API failed") });
        Ok(Self {
            store,
            otlp: reachable(otlp_address),
            gate,
            otlp_http: reachable(otlp_http_address),
            ui: reachable(ui_address),
            prometheus: reachable(api_address),
            dashboards: reachable(pages_address),
            metrics,
            stop,
            servers,
            pages: Some((pages, site)),
        })
    }

    /// Evaluates the rules that name the services of the chain, too.
    ///
    /// # Errors
    /// When a rule cannot be read.
    pub(crate) fn load_rules_of_the_chain(&self) -> Result<(), RuleError> {
        rules::load(&self.metrics, &rules::OF_THE_CHAIN)
    }

    /// Serves the dashboards page; with those of the chain if its gateway has this HTTP address.
    pub(crate) fn show(&mut self, gateway_http: Option<SocketAddr>) {
        let Some((listener, mut site)) = self.pages.take() else {
            return;
        };
        site.http = gateway_http;
        let router = metrics::router(self.metrics.clone());
        let pages = web::serve(listener, site, router, self.stop.wait());
        let pages = async move { pages.await.context("the dashboards failed") };
        self.servers.spawn(pages);
    }

    /// Waits until one of the servers ends by itself, and says why.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        match self.servers.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(panic)) => anyhow!(panic).context("a backend panicked"),
            Some(Ok(Ok(()))) | None => anyhow!("a backend ended unasked"),
        }
    }

    /// Ends the servers after they have answered the open requests.
    pub(crate) async fn stop(mut self) {
        self.stop.request();
        while self.servers.join_next().await.is_some() {}
    }
}

fn store(options: &Options) -> TraceStore {
    TraceStore::new(Limits {
        max_spans: options.max_spans,
        ..Limits::default()
    })
}

/// A scraper of itself, at this address, and of the targets of the options.
fn scraper(
    store: &TraceStore,
    own: SocketAddr,
    options: &Options,
) -> Result<Prometheus, RuleError> {
    let metrics = Prometheus::new(SampleLimits::default()).with_traces(store.clone());
    rules::load(&metrics, &rules::OF_ANY_SERVICE)?;
    metrics.add(Target::new("prometheus", &own.to_string(), &[]));
    for target in &options.scrape {
        metrics.add(target.target());
    }
    Ok(metrics)
}

/// The listener, for the runtime, and the address that it really has.
fn listen(listener: std::net::TcpListener) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
