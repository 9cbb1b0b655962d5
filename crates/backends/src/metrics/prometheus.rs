//! The scraper, the rules and the query API over one store.

use std::{future::Future, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use super::{
    api::{self, Admission, Api},
    rules::{RuleError, Rules},
    scrape::{Scraper, Target},
    time::{Clock, now},
    tsdb::{Labels, NAME, Sample, SampleLimits, Tsdb},
};
use crate::{
    http::{ServeError, serve as serve_http},
    traces::TraceStore,
    web,
};

/// The time between two scrapes, and between two evaluations of the rules. A rate needs two
/// scrapes, so panels have their first line in seconds.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// The scraper, the samples and the query engine. Clones share them.
///
/// ```
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// use backends::metrics::{Prometheus, SampleLimits, Target, serve};
///
/// let prometheus = Prometheus::new(SampleLimits::default());
/// prometheus.add(Target::new("services", "127.0.0.1:9101", &[]));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:9090").await?;
/// serve(listener, prometheus, std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Prometheus {
    interval: Duration,
    pub(super) tsdb: Tsdb,
    scraper: Scraper,
    rules: Rules,
    pub(super) admission: Admission,
    traces: Option<TraceStore>,
}

impl Prometheus {
    /// Starts without targets, and never keeps more samples than `limits` allow.
    #[must_use]
    pub fn new(limits: SampleLimits) -> Self {
        Self {
            interval: INTERVAL,
            tsdb: Tsdb::new(limits),
            scraper: Scraper::new(INTERVAL),
            rules: Rules::new(INTERVAL),
            admission: Admission::default(),
            traces: None,
        }
    }

    /// Shows the counts of this trace store in `/metrics` too.
    #[must_use]
    pub fn with_traces(mut self, traces: TraceStore) -> Self {
        self.traces = Some(traces);
        self
    }

    /// Scrapes and evaluates in another interval than the usual one of 2 s.
    #[must_use]
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self.scraper.set_interval(interval);
        self.rules.set_interval(interval);
        self
    }

    /// Scrapes this target too, from the next round on.
    pub fn add(&self, target: Target) {
        self.scraper.add(target);
    }

    /// Notes what goes on from now on: a series of this name has the value 1, until [`end`](Self::end).
    pub fn begin(&self, name: &str, labels: &[(&str, &str)]) {
        self.note(name, labels, |at| Sample { at, value: 1.0 });
    }

    /// Notes that this goes on no more.
    pub fn end(&self, name: &str, labels: &[(&str, &str)]) {
        self.note(name, labels, Sample::stale);
    }

    fn note(&self, name: &str, labels: &[(&str, &str)], sample: impl Fn(i64) -> Sample) {
        let labels: Labels = labels.iter().copied().collect();
        let labels = labels.with(NAME, name);
        if let Err(error) = self.tsdb.samples.append([(&labels, sample(now()))]) {
            tracing::warn!(%error, name, "it is not noted");
        }
    }

    /// Ends the series of this target in the next round, and scrapes it no more.
    pub fn remove(&self, target: &Target) {
        self.scraper.remove(target);
    }

    /// The targets whose last scrape failed, and why, as `shop (127.0.0.1:9101): connection refused`.
    #[must_use]
    pub fn down(&self) -> Vec<String> {
        self.scraper.down()
    }

    /// Adds the rules of a file to those that are evaluated after each scrape.
    ///
    /// `file` is its name in the API and in errors; `text` is YAML, as Prometheus reads it.
    /// Templates may only have what the rules of this repository use.
    ///
    /// # Errors
    ///
    /// [`RuleError`] when it is no rule file, or a rule in it cannot be read.
    pub fn load_rules(&self, file: &str, text: &str) -> Result<(), RuleError> {
        self.rules.load(file, text)
    }

    /// The names of the alerts that fire.
    #[must_use]
    pub fn firing(&self) -> Vec<String> {
        self.rules.firing()
    }

    /// Scrapes all targets and evaluates all rules, again and again.
    pub async fn scrape(&self) {
        let mut rounds = interval(self.interval);
        // A late round moves those after it: two in a row would show the same counts.
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut clock = Clock::new(self.interval);
        loop {
            rounds.tick().await;
            let moment = clock.tick();
            self.scraper.round(&self.tsdb, moment).await;
            let this = self.clone();
            let work = spawn_blocking(move || this.evaluate_rules(moment));
            if let Err(error) = work.await {
                tracing::error!(%error, "the evaluation of rules panicked");
            }
        }
    }

    /// Evaluates the rules and drops old samples, after each scrape.
    fn evaluate_rules(&self, moment: i64) {
        self.rules.evaluate(moment, &self.tsdb.samples);
        self.tsdb.samples.trim(moment);
    }
}

/// The API of a [`Prometheus`], below `/api/v1`, with `/-/ready`, `/-/healthy` and `/metrics`.
///
/// The API answers before the first scrape too; [`Prometheus::scrape`] has to run beside it.
pub fn router(prometheus: Prometheus) -> Router {
    api::router(Api {
        tsdb: prometheus.tsdb,
        scraper: prometheus.scraper,
        rules: prometheus.rules,
        admission: prometheus.admission,
        traces: prometheus.traces,
    })
}

/// Scrapes, and serves the API and the query page on `listener`, until `shutdown` ends.
///
/// There is no authentication: bind to a loopback address.
///
/// # Errors
///
/// [`ServeError`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    prometheus: Prometheus,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let scraper = prometheus.clone();
    let pages = web::query_page(prometheus.interval);
    tokio::select! {
        served = serve_http(listener, router(prometheus).merge(pages), shutdown) => served,
        () = scraper.scrape() => unreachable!("it scrapes for ever"),
    }
}
