use std::net::SocketAddr;

use anyhow::{Context as _, anyhow};
use backends::{
    Limits, TraceStore,
    metrics::{self, Prometheus, SampleLimits, Target},
    web::{self, Site, reachable},
};
use tokio::{net::TcpListener, task::JoinSet};

use super::{chain::Chain, ports::Ports, rules};
use crate::stop::Stop;

/// The OTLP receiver, the trace store, the Jaeger UI, the scraper with Prometheus' query API, and the
/// dashboards, in the process of the launcher. Each address is one that this machine can open.
#[derive(Debug)]
pub(super) struct Backends {
    pub(super) store: TraceStore,
    /// Where spans are sent.
    pub(super) otlp: SocketAddr,
    /// Where the UI is.
    pub(super) ui: SocketAddr,
    /// Where metrics are asked for.
    pub(super) prometheus: SocketAddr,
    /// Where the dashboards are.
    pub(super) dashboards: SocketAddr,
    pub(super) metrics: Prometheus,
    stop: Stop,
    servers: JoinSet<anyhow::Result<()>>,
    /// The dashboards page, until the chain runs, whose addresses the dashboards name.
    pages: Option<(TcpListener, Site)>,
}

impl Backends {
    /// Starts to serve on the ports of the launcher; `http` is where the gateway is asked to listen.
    pub(super) fn start(ports: Ports, http: SocketAddr, max_spans: usize) -> anyhow::Result<Self> {
        let store = TraceStore::new(Limits {
            max_spans,
            ..Limits::default()
        });
        let (otlp, otlp_address) = listen(ports.otlp)?;
        let (ui, ui_address) = listen(ports.ui)?;
        let (api, api_address) = listen(ports.prometheus)?;
        let (pages, pages_address) = listen(ports.dashboards)?;
        let metrics = Prometheus::new(SampleLimits::default()).with_traces(store.clone());
        rules::load(&metrics)?;
        metrics.add(Target::new("prometheus", reachable(api_address), &[]));
        let site = Site {
            store: store.clone(),
            jaeger: ui_address,
            prometheus: api_address,
            http,
            scrape_interval: metrics::INTERVAL,
        };
        let stop = Stop::default();
        let mut servers = JoinSet::new();
        let receiver = backends::traces::otlp::serve(otlp, store.clone(), stop.wait());
        servers.spawn(async move { receiver.await.context("the OTLP receiver failed") });
        let jaeger = backends::traces::jaeger::serve(ui, store.clone(), stop.wait());
        servers.spawn(async move { jaeger.await.context("the Jaeger UI failed") });
        let api = metrics::serve(api, metrics.clone(), stop.wait());
        servers.spawn(async move { api.await.context("the Prometheus API failed") });
        Ok(Self {
            store,
            otlp: reachable(otlp_address),
            ui: reachable(ui_address),
            prometheus: reachable(api_address),
            dashboards: reachable(pages_address),
            metrics,
            stop,
            servers,
            pages: Some((pages, site)),
        })
    }

    /// Scrapes the services from now on, by the names that the dashboards know, and serves these.
    pub(super) fn show(&mut self, chain: &Chain) {
        if let Some((listener, mut site)) = self.pages.take() {
            // If port 0 was asked for, the gateway has a real port by now.
            if let Some(http) = chain.gateway.ready.http {
                site.http.set_port(http.port());
            }
            let router = metrics::router(self.metrics.clone());
            let pages = web::serve(listener, site, router, self.stop.wait());
            let pages = async move { pages.await.context("the dashboards failed") };
            self.servers.spawn(pages);
        }
        for child in [&chain.gateway, &chain.user, &chain.profile] {
            let labels = [("service_name", child.name)];
            let target = Target::new("grpc-services", child.ready.admin, &labels);
            self.metrics.add(target);
        }
    }

    /// Waits until one of the servers ends by itself, and says why.
    pub(super) async fn failed(&mut self) -> anyhow::Error {
        match self.servers.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(panic)) => anyhow!(panic).context("a backend panicked"),
            Some(Ok(Ok(()))) | None => anyhow!("a backend ended unasked"),
        }
    }

    /// Ends the servers after they have answered the open requests.
    pub(super) async fn stop(mut self) {
        self.stop.request();
        while self.servers.join_next().await.is_some() {}
    }
}

/// The listener, for the runtime, and the address that it really has.
fn listen(listener: std::net::TcpListener) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
