//! Scrapes services, keeps their samples, and answers queries as Prometheus does.
//!
//! ```text
//!   services ◄── GET /metrics ── scrape ──►  tsdb   ◄── promql ◄── api ◄── browser, curl:
//!    9101…       each 2 s          │       one hour,      ▲       9090      /api/v1/query
//!                                  │       in memory      │
//!                                  └────► exemplars     rules: what is recorded and alerted
//! ```
//!
//! What is here is not Prometheus, but it gives the same answers to what dashboards and rules ask:
//! a test compares them. Everything is bounded and in memory, and gone when the process ends.

mod api;
mod promql;
mod rules;
mod scrape;
#[cfg(test)]
mod tests;
mod time;
mod tsdb;

use std::{future::Future, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use crate::{
    http::{ServeError, serve as serve_http},
    traces::TraceStore,
};
pub use rules::RuleError;
use rules::Rules;
use scrape::Scraper;
pub use scrape::Target;
pub use tsdb::SampleLimits;
use tsdb::SampleStore;

/// From one scrape, and one evaluation of the rules, to the next. A rate needs two scrapes, so panels
/// have their first line in seconds.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// How many queries are computed at a time; others wait.
const TURNS: usize = 2;

/// The scraper, the samples and the query engine. Clones are the same one.
///
/// ```
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// use backends::metrics::{Prometheus, SampleLimits, Target, serve};
///
/// let prometheus = Prometheus::new(SampleLimits::default());
/// prometheus.add(Target::new("services", "127.0.0.1:9101".parse()?, &[]));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:9090").await?;
/// serve(listener, prometheus, std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Prometheus {
    interval: Duration,
    scraper: Scraper,
    rules: Rules,
    turns: Arc<Semaphore>,
    traces: Option<TraceStore>,
}

impl Prometheus {
    /// Without targets, and never with more samples than `limits` allow.
    #[must_use]
    pub fn new(limits: SampleLimits) -> Self {
        Self {
            interval: INTERVAL,
            scraper: Scraper::new(SampleStore::new(limits), INTERVAL),
            rules: Rules::new(INTERVAL),
            turns: Arc::new(Semaphore::new(TURNS)),
            traces: None,
        }
    }

    /// Shows the counts of this store in its own `/metrics` too.
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

    /// Adds the rules of a file to those that are evaluated after each scrape.
    ///
    /// `file` is its name, for people; `text` is YAML, as Prometheus reads it. Of the templates in
    /// annotations only what our own rules use is known.
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
        let mut clock = time::Clock::new(self.interval);
        loop {
            rounds.tick().await;
            let moment = clock.tick();
            self.scraper.round(moment).await;
            let this = self.clone();
            let work = spawn_blocking(move || this.digest(moment));
            if let Err(error) = work.await {
                tracing::error!(%error, "the evaluation of rules panicked");
            }
        }
    }

    /// What is done after a scrape.
    fn digest(&self, moment: i64) {
        self.rules.evaluate(moment, &self.scraper.samples);
        self.scraper.samples.trim(moment);
    }
}

/// The API of a [`Prometheus`], below `/api/v1`, with `/-/ready`, `/-/healthy` and `/metrics`.
///
/// It answers from the first moment; [`Prometheus::scrape`] has to run beside it.
pub fn router(prometheus: Prometheus) -> Router {
    api::router(prometheus)
}

/// Scrapes, and serves the API on `listener`, until `shutdown` ends.
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
    tokio::select! {
        served = serve_http(listener, router(prometheus), shutdown) => served,
        () = scraper.scrape() => unreachable!("it scrapes for ever"),
    }
}
