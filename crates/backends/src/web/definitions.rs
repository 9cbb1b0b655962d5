//! The files of the dashboards, as Grafana has them, with the addresses of this stack.

use std::{
    net::SocketAddr,
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use super::{host::Host, learn};
use crate::traces::TraceStore;

/// In the order in which a newcomer reads them.
const FILES: [&str; 6] = [
    include_str!("../../../../grafana/dashboards/start.json"),
    include_str!("../../../../grafana/dashboards/rpc-overview.json"),
    include_str!("../../../../grafana/dashboards/call-path.json"),
    include_str!("../../../../grafana/dashboards/calls-that-survive.json"),
    include_str!("../../../../grafana/dashboards/slo.json"),
    include_str!("../../../../grafana/dashboards/telemetry-health.json"),
];

static DASHBOARDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let parse = |file| serde_json::from_str(file).expect("a test reads every file");
    FILES.into_iter().map(parse).collect()
});

/// The dashboards, each as its file has it.
pub fn files() -> impl Iterator<Item = &'static Value> {
    DASHBOARDS.iter()
}

/// Whether it names the services of the chain: it has the tag `chain`.
fn is_about_the_chain(dashboard: &Value) -> bool {
    let tags = dashboard["tags"].as_array();
    tags.is_some_and(|tags| tags.iter().any(|tag| tag == "chain"))
}

pub(super) fn is_known(uid: &str) -> bool {
    DASHBOARDS.iter().any(|dashboard| dashboard["uid"] == uid)
}

/// What the page shows beside the metrics, and where its links lead. For a listener on all
/// addresses, links lead to the host that the page was opened with.
#[derive(Clone, Debug)]
pub struct Site {
    /// The traces and the log lines of the panels about them.
    pub store: TraceStore,
    /// Where the Jaeger UI is, for the links to traces.
    pub jaeger: SocketAddr,
    /// Where the Prometheus API is, for those who follow a link to it.
    pub prometheus: SocketAddr,
    /// The HTTP endpoint of the chain's gateway, for the commands that a panel shows; `None` where no
    /// chain runs: then the dashboards about it are left out.
    pub http: Option<SocketAddr>,
    /// The time between two scrapes. The points of a line are not closer, and a rate spans at least
    /// four scrapes.
    pub scrape_interval: Duration,
}

/// All that the page has to know before it asks for data.
#[derive(Clone, Debug)]
pub(super) struct Definitions {
    jaeger: SocketAddr,
    prometheus: SocketAddr,
    http: Option<SocketAddr>,
    scrape_interval: Duration,
    /// Seconds since 1970.
    started: u64,
}

impl Definitions {
    /// The stack counts as started when this is called.
    pub(super) fn new(site: &Site) -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            jaeger: site.jaeger,
            prometheus: site.prometheus,
            http: site.http,
            scrape_interval: site.scrape_interval,
            started: started.map_or(0, |time| time.as_secs()),
        }
    }

    /// `{"site": …, "dashboards": […]}`, for a page that was opened with this host.
    pub(super) fn answer(&self, host: &Host) -> String {
        let [jaeger, prometheus] =
            [self.jaeger, self.prometheus].map(|listener| host.address(listener));
        let dashboards = files().filter(|it| self.http.is_some() || !is_about_the_chain(it));
        let answer = json!({
            "site": {
                "jaeger": format!("http://{jaeger}"),
                "scrape_seconds": self.scrape_interval.as_secs_f64(),
                "started": self.started,
            },
            "dashboards": dashboards.map(learn::with_pages).collect::<Vec<_>>(),
        });
        // Links and commands in the files have the default ports of the stack. Links to pages of
        // Prometheus have to lead elsewhere: the embedded one has only the query page, and this page
        // shows its alerts.
        let http = self.http.map(|http| host.address(http));
        answer
            .to_string()
            .replace("Open the alerts in Prometheus", "Open SLO")
            .replace(
                "`docs/runbooks/`",
                "[docs/runbooks](/learn/docs/runbooks/README.md)",
            )
            .replace("http://127.0.0.1:9090/alerts", "/d/slo?${__url_time_range}")
            .replace("127.0.0.1:9090/targets", "127.0.0.1:9090/api/v1/targets")
            .replace("127.0.0.1:16686", &jaeger)
            .replace("127.0.0.1:9090", &prometheus)
            .replace(
                "127.0.0.1:8080",
                http.as_deref().unwrap_or("127.0.0.1:8080"),
            )
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use serde_json::Value;

    use super::{DASHBOARDS, is_known};

    #[test]
    fn all_dashboards_of_grafana_are_there() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../grafana/dashboards");
        let files = fs::read_dir(folder).unwrap().map(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let dashboard: Value = serde_json::from_str(&text).unwrap();
            dashboard["uid"].as_str().unwrap().to_owned()
        });
        let files: BTreeSet<_> = files.collect();
        let here = DASHBOARDS.iter().map(|dashboard| dashboard["uid"].as_str());
        let here: BTreeSet<_> = here.map(|uid| uid.unwrap().to_owned()).collect();
        assert_eq!(here, files);
        assert!(is_known("start") && !is_known("unknown"));
    }
}
