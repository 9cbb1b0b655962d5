use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{finding::Finding, site::Site};

/// Prometheus' HTTP API.
#[derive(Debug)]
pub(super) struct Prometheus {
    pub(super) site: Site,
}

/// A dot on a panel: one call, and its trace.
#[derive(Debug)]
pub(super) struct Exemplar {
    pub(super) trace_id: String,
    /// Seconds since 1970.
    pub(super) at: f64,
}

impl Exemplar {
    /// Reads an exemplar of a page of metrics; `None` where it names no trace or no time.
    pub(super) fn on_page(exemplar: &prom_text::Exemplar<'_>) -> Option<Self> {
        Some(Self {
            trace_id: exemplar.label("trace_id")?.to_owned(),
            at: exemplar.at?,
        })
    }
}

/// One target that Prometheus scrapes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    /// `up`, `down` or `unknown`.
    pub(super) health: String,
    pub(super) last_error: String,
    pub(super) scrape_url: String,
}

/// A recording or alerting rule.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    pub(super) name: String,
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// `ok`, `err` or `unknown`.
    pub(super) health: String,
    #[serde(default)]
    pub(super) last_error: String,
    /// `firing`, `pending` or `inactive`; empty for recording rules.
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) alerts: Vec<Alert>,
}

/// A rule that is pending or firing, for one set of labels.
#[derive(Debug, Deserialize)]
pub(super) struct Alert {
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

impl Target {
    /// The value of a label, empty when there is no such label.
    pub(super) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

impl Prometheus {
    pub(super) fn new(site: Site) -> Self {
        Self { site }
    }

    /// The values of a query at this moment; values that are no number are left out.
    ///
    /// # Errors
    /// The finding when Prometheus does not answer, or refuses the query.
    pub(super) async fn values(&self, query: &str) -> Result<Vec<f64>, Finding> {
        #[derive(Deserialize)]
        struct Sample {
            value: (Value, String),
        }
        let data = self.data("/api/v1/query", &[("query", query)]).await?;
        let samples = if data["resultType"] == "scalar" {
            serde_json::json!([{ "value": data["result"] }])
        } else {
            data["result"].clone()
        };
        let samples: Vec<Sample> = self.read("/api/v1/query", samples)?;
        let values = samples
            .iter()
            .filter_map(|sample| sample.value.1.parse::<f64>().ok());
        Ok(values.filter(|value| !value.is_nan()).collect())
    }

    /// All targets that Prometheus scrapes.
    pub(super) async fn targets(&self) -> Result<Vec<Target>, Finding> {
        let path = "/api/v1/targets";
        let data = self.data(path, &[("state", "active")]).await?;
        self.read(path, data["activeTargets"].clone())
    }

    /// The rules of all groups.
    pub(super) async fn rules(&self) -> Result<Vec<Rule>, Finding> {
        #[derive(Deserialize)]
        struct Group {
            rules: Vec<Rule>,
        }
        let path = "/api/v1/rules";
        let data = self.data(path, &[]).await?;
        let groups: Vec<Group> = self.read(path, data["groups"].clone())?;
        Ok(groups.into_iter().flat_map(|group| group.rules).collect())
    }

    /// The exemplars of a metric that were kept in the last minutes, by the label `service_name`.
    pub(super) async fn exemplars(
        &self,
        metric: &str,
        back: Duration,
    ) -> Result<BTreeMap<String, Vec<Exemplar>>, Finding> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let path = "/api/v1/query_exemplars";
        let range = [
            ("query", metric),
            ("start", &now.saturating_sub(back).as_secs().to_string()),
            ("end", &(now.as_secs() + 1).to_string()),
        ];
        let data = self.data(path, &range).await?;
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for series in data.as_array().into_iter().flatten() {
            let service = series["seriesLabels"]["service_name"]
                .as_str()
                .unwrap_or_default();
            let exemplars = series["exemplars"].as_array().into_iter().flatten();
            let of_service = found.entry(service.to_owned()).or_default();
            of_service.extend(exemplars.filter_map(exemplar));
        }
        Ok(found)
    }

    /// The part `data` of an answer; null where it has none. A copy, because taking it out of an
    /// answer that is no object would panic.
    async fn data(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Finding> {
        let answer = self.site.json(path, query).await?;
        Ok(answer["data"].clone())
    }

    fn read<T: DeserializeOwned>(&self, path: &str, value: Value) -> Result<T, Finding> {
        serde_json::from_value(value).map_err(|error| {
            let expected = format!("{}{path} answers as Prometheus does", self.site);
            let advice = "is it a Prometheus? --prometheus says where it is";
            Finding::new("prometheus", expected, error.to_string(), advice)
        })
    }
}

fn exemplar(value: &Value) -> Option<Exemplar> {
    Some(Exemplar {
        trace_id: value["labels"]["trace_id"].as_str()?.to_owned(),
        at: value["timestamp"].as_f64()?,
    })
}
