use std::fmt::{self, Display, Formatter};

use serde_json::{Value, json};

use crate::{
    embedded::{Backends, ScrapeTarget},
    output::{bold, dim},
};

/// Where the backends are, and how services reach them.
#[derive(Debug)]
pub(super) struct Banner<'a> {
    backends: &'a Backends,
    scrape: &'a [ScrapeTarget],
}

impl<'a> Banner<'a> {
    pub(super) fn new(backends: &'a Backends, scrape: &'a [ScrapeTarget]) -> Self {
        Self { backends, scrape }
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> Value {
        let backends = self.backends;
        let scrape = self.scrape.iter().map(ToString::to_string);
        json!({
            "otlp": backends.otlp,
            "otlp_http": backends.otlp_http,
            "ui": backends.ui,
            "prometheus": backends.prometheus,
            "dashboards": backends.dashboards,
            "scrape": scrape.collect::<Vec<_>>(),
        })
    }
}

impl Display for Banner<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Backends {
            otlp,
            otlp_http,
            ui,
            prometheus,
            dashboards,
            ..
        } = self.backends;
        writeln!(f, "\n{}", bold("Where"))?;
        let charts = dim("rates, errors, latencies: Grafana's dashboards");
        writeln!(f, "  charts   http://{dashboards}  {charts}")?;
        writeln!(f, "  traces   http://{ui}  {}", dim("the Jaeger UI"))?;
        let learn = dim("the documents of this program");
        writeln!(f, "  learn    http://{dashboards}/learn  {learn}")?;
        let promql = format!("http://{prometheus}/query?g0.expr=up");
        let queries = dim("queries; Prometheus' API below /api/v1");
        writeln!(f, "  promql   {promql}  {queries}")?;
        for target in self.scrape {
            writeln!(f, "  scrapes  {target}  {}", dim("every 2 s"))?;
        }
        writeln!(f, "\n{}", bold("Send spans and log records"))?;
        let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        writeln!(f, "  OTLP/gRPC  {endpoint}=http://{otlp}")?;
        writeln!(f, "  OTLP/HTTP  {endpoint}=http://{otlp_http}")?;
        if self.scrape.is_empty() {
            let hint = "No metrics are read: start with --scrape NAME=HOST:PORT for that.";
            writeln!(f, "\n{hint}")?;
        }
        write!(f, "\n{}", dim("Ctrl-C stops."))
    }
}
