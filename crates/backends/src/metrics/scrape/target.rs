use std::time::Duration;

use serde::Serialize;

use crate::metrics::{time::rfc3339, tsdb::Labels};

/// How long a scrape may take: less than the interval, so that a slow target does not delay the next
/// round.
pub(super) fn timeout(interval: Duration) -> Duration {
    interval.mul_f64(0.9)
}

/// A process whose metrics are read, at `http://ADDRESS/metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `HOST:PORT`.
    pub(super) address: String,
    pub(super) labels: Labels,
}

impl Target {
    /// The address is `HOST:PORT`; a name is looked up at each scrape. Its samples get these labels,
    /// `job`, and the address as `instance`.
    #[must_use]
    pub fn new(job: &str, address: &str, labels: &[(&str, &str)]) -> Self {
        let address = address.to_string();
        let own = [("job", job), ("instance", address.as_str())];
        let labels = own.into_iter().chain(labels.iter().copied()).collect();
        Self { address, labels }
    }

    /// What a reader calls it: its `service_name`, or else its `job`.
    pub(super) fn name(&self) -> &str {
        match self.labels.get("service_name") {
            "" => self.labels.get("job"),
            name => name,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }
}

/// How the last scrape of a target went.
#[derive(Clone, Debug)]
pub(crate) struct Scraped {
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    pub(super) took: Duration,
    /// `None` when it went well.
    pub(super) error: Option<String>,
}

/// A target as `/api/v1/targets` has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetReply {
    discovered_labels: Labels,
    labels: Labels,
    scrape_pool: String,
    scrape_url: String,
    global_url: String,
    last_error: String,
    last_scrape: String,
    last_scrape_duration: f64,
    health: &'static str,
    scrape_interval: String,
    scrape_timeout: String,
}

impl TargetReply {
    /// `None` before its first scrape.
    pub(super) fn new(target: &Target, scraped: Option<&Scraped>, interval: Duration) -> Self {
        let address = &target.address;
        let discovered = [
            ("__address__", address.as_str()),
            ("__metrics_path__", "/metrics"),
            ("__scheme__", "http"),
            ("job", target.labels.get("job")),
        ];
        let last = scraped.map(|it| rfc3339(it.at));
        let health = match scraped {
            None => "unknown",
            Some(Scraped { error: None, .. }) => "up",
            Some(_) => "down",
        };
        // Go writes no blanks: `1s800ms`.
        let every = |time| {
            humantime::format_duration(time)
                .to_string()
                .replace(' ', "")
        };
        Self {
            discovered_labels: discovered.into_iter().collect(),
            labels: target.labels.clone(),
            scrape_pool: target.labels.get("job").to_owned(),
            scrape_url: target.url(),
            global_url: target.url(),
            last_error: scraped.and_then(|it| it.error.clone()).unwrap_or_default(),
            last_scrape: last.unwrap_or_else(|| "0001-01-01T00:00:00Z".to_owned()),
            last_scrape_duration: scraped.map_or(0.0, |it| it.took.as_secs_f64()),
            health,
            scrape_interval: every(interval),
            scrape_timeout: every(timeout(interval)),
        }
    }
}
