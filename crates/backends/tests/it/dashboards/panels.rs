//! The dashboards page in a browser, over a store with calls and a [`Metrics`] of the test's own.

use std::{net::SocketAddr, time::Duration};

use backends::{
    TraceStore,
    web::{self, Site},
};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::metrics::Metrics;
use test_support::{DEADLINE, browser::Page};

/// The uids of all dashboards.
pub(crate) const DASHBOARDS: [&str; 6] = [
    "start",
    "rpc-overview",
    "call-path",
    "calls-that-survive",
    "slo",
    "telemetry-health",
];

/// Whether all panels are ready: each has drawn something, or says why it has not.
pub(crate) const READY: &str = "document.querySelectorAll('.panel').length > 0 \
     && [...document.querySelectorAll('.panel > .body')].every(body => !body.matches('.loading'))";

/// The panels that say why they have no data: their titles and what they say.
pub(crate) const SILENT: &str = "[...document.querySelectorAll('.panel:has(.silent)')] \
     .map(panel => panel.ariaLabel + ': ' + panel.querySelector('.silent').innerText)";

/// A server of the page; it ends when this is dropped.
pub(crate) struct Panels {
    pub(crate) address: SocketAddr,
    pub(crate) url: String,
    stop: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Panels {
    pub(crate) async fn start(store: TraceStore, metrics: &Metrics) -> Self {
        Self::start_on(([127, 0, 0, 1], 0).into(), store, metrics).await
    }

    pub(crate) async fn start_on(
        address: SocketAddr,
        store: TraceStore,
        metrics: &Metrics,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("the port is free");
        let address = listener.local_addr().expect("the listener is bound");
        let site = Site {
            store,
            jaeger: ([127, 0, 0, 1], 4).into(),
            prometheus: ([127, 0, 0, 1], 5).into(),
            http: Some(([127, 0, 0, 1], 6).into()),
            scrape_interval: Duration::from_secs(2),
        };
        let (stop, mut stopped) = watch::channel(());
        let router = metrics.clone().router();
        let server = tokio::spawn(async move {
            let until_stopped = async move {
                let _ = stopped.changed().await;
            };
            web::serve(listener, site, router, until_stopped)
                .await
                .expect("the listener works");
        });
        Self {
            address,
            url: format!("http://{address}"),
            stop,
            server,
        }
    }

    /// Ends it; its port is free afterwards.
    pub(crate) async fn stop(self) -> SocketAddr {
        drop(self.stop);
        self.server.await.expect("the server does not panic");
        self.address
    }
}

/// Waits until the condition `holds`.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The strings that the expression comes to.
pub(crate) async fn texts(page: &Page, expression: &str) -> Vec<String> {
    let found = page.evaluate(expression).await;
    let found = found.as_array().expect("a list of texts").iter();
    found
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}
