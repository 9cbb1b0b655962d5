//! Scrapes all targets, round by round.

mod fetch;
mod page;
mod target;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{
    number::count,
    tsdb::{Labels, NAME, Sample, SampleStore, Tsdb},
};
use fetch::fetch;
use page::Page;
pub use target::Target;
pub(crate) use target::TargetReply;
use target::{Scraped, timeout};

/// The targets, and how their last scrapes went. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Scraper {
    interval: Duration,
    pool: Arc<Mutex<Vec<ScrapedTarget>>>,
}

/// A target, and what is remembered of it.
#[derive(Clone, Debug)]
struct ScrapedTarget {
    target: Target,
    scraped: Option<Scraped>,
    /// The series of its last page: those that are missing on the next page have ended.
    shown: Arc<HashSet<Labels>>,
    /// Whether the next round ends its series and forgets it.
    is_removed: bool,
}

impl Scraper {
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            interval,
            pool: Arc::default(),
        }
    }

    pub(crate) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// Adds a target to the next round.
    pub(crate) fn add(&self, target: Target) {
        self.lock().push(ScrapedTarget {
            target,
            scraped: None,
            shown: Arc::default(),
            is_removed: false,
        });
    }

    /// Ends the series of this target in the next round, and scrapes it no more.
    pub(crate) fn remove(&self, target: &Target) {
        for it in &mut *self.lock() {
            it.is_removed |= it.target == *target;
        }
    }

    /// The targets as `/api/v1/targets` has them.
    pub(crate) fn targets(&self) -> Vec<TargetReply> {
        let pool = self.lock();
        let replies = pool.iter();
        replies
            .map(|it| TargetReply::new(&it.target, it.scraped.as_ref(), self.interval))
            .collect()
    }

    /// The targets whose last scrape failed, as
    /// `shop (127.0.0.1:9101): connection refused`.
    pub(crate) fn down(&self) -> Vec<String> {
        let pool = self.lock();
        let down = pool.iter().filter_map(|it| {
            let error = it.scraped.as_ref()?.error.as_ref()?;
            let (name, address) = (it.target.name(), &it.target.address);
            Some(format!("{name} ({address}): {error}"))
        });
        down.collect()
    }

    /// Scrapes all targets at once; their samples get the time `at`.
    pub(crate) async fn round(&self, tsdb: &Tsdb, at: i64) {
        self.end_removed(tsdb, at);
        let pool = self.lock().clone();
        let mut round = JoinSet::new();
        for (place, watched) in pool.into_iter().enumerate() {
            let (tsdb, interval) = (tsdb.clone(), self.interval);
            round.spawn(async move { (place, watched.scrape(&tsdb, interval, at).await) });
        }
        while let Some(done) = round.join_next().await {
            if let Ok((place, watched)) = done {
                let mut pool = self.lock();
                let is_removed = pool[place].is_removed;
                pool[place] = ScrapedTarget {
                    is_removed,
                    ..watched
                };
            }
        }
    }

    /// Only a round shortens the list, so that places in it are good within a round.
    fn end_removed(&self, tsdb: &Tsdb, at: i64) {
        let mut pool = self.lock();
        for ended in pool.extract_if(.., |it| it.is_removed) {
            ended.end(tsdb, at);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ScrapedTarget>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScrapedTarget {
    async fn scrape(self, tsdb: &Tsdb, interval: Duration, at: i64) -> Self {
        let Self {
            target,
            shown,
            is_removed,
            ..
        } = self;
        let begun = Instant::now();
        let fetched = fetch(&target.address, timeout(interval)).await;
        let page = match fetched {
            Ok(text) => Page::read(&text, &target, at, tsdb).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let took = begun.elapsed();
        let (page, mut error) = match page {
            Ok(page) => (page, None),
            Err(error) => (Page::default(), Some(error)),
        };
        if let Err(refused) = keep(&tsdb.samples, &page, &shown, at) {
            error.get_or_insert(refused);
        }
        report(
            &tsdb.samples,
            &target,
            at,
            took,
            page.samples.len(),
            error.is_none(),
        );
        tsdb.exemplars.add(page.exemplars);
        let shown = page.samples.into_iter().map(|(labels, _)| labels);
        let shown = Arc::new(shown.collect());
        let scraped = Some(Scraped { at, took, error });
        Self {
            target,
            scraped,
            shown,
            is_removed,
        }
    }

    /// Stores the ends of its series, and of those about its scrapes.
    fn end(&self, tsdb: &Tsdb, at: i64) {
        let facts = FACTS.map(|name| self.target.labels.with(NAME, name));
        let ended = self.shown.iter().chain(&facts);
        let ended = ended.map(|labels| (labels, Sample::stale(at)));
        if let Err(error) = tsdb.samples.append(ended) {
            tracing::warn!(%error, "the end of a target is not kept");
        }
    }
}

/// The names of the series about a scrape.
const FACTS: [&str; 3] = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

/// Stores the samples of a page. A new series gets its zero first, and a series that is no longer
/// on the page gets an end.
fn keep(store: &SampleStore, page: &Page, shown: &HashSet<Labels>, at: i64) -> Result<(), String> {
    let there: HashSet<_> = page.samples.iter().map(|(labels, _)| labels).collect();
    let ended = shown.iter().filter(|labels| !there.contains(labels));
    let ended = ended.map(|labels| (labels, Sample::stale(at)));
    let samples = page
        .samples
        .iter()
        .map(|(labels, sample)| (labels, *sample));
    let new = page.samples.iter().map(|(labels, _)| labels);
    let new = new.filter(|labels| !shown.contains(*labels));
    let zeros = new.filter_map(|labels| Some((labels, page.zero(labels)?)));
    let kept = store.append(zeros.chain(samples).chain(ended));
    kept.map_err(|error| error.to_string())
}

/// Stores the samples about the scrape itself, such as `up`.
fn report(
    store: &SampleStore,
    target: &Target,
    at: i64,
    took: Duration,
    samples: usize,
    is_up: bool,
) {
    let values = [f64::from(is_up), took.as_secs_f64(), count(samples)];
    let facts = FACTS.into_iter().zip(values).map(|(name, value)| {
        let labels = target.labels.with(NAME, name);
        (labels, Sample { at, value })
    });
    let facts: Vec<_> = facts.collect();
    let facts = facts.iter().map(|(labels, sample)| (labels, *sample));
    if let Err(error) = store.append(facts) {
        tracing::warn!(%error, "the outcome of a scrape is not kept");
    }
}
