//! Scrapes all targets, round by round.

mod append;
mod fetch;
mod page;
mod target;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::tsdb::{Labels, Tsdb};
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
            append::end(&tsdb.samples, &ended.target, &ended.shown, at);
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
        if let Err(refused) = append::keep(&tsdb.samples, &page, &shown, at) {
            error.get_or_insert(refused);
        }
        append::report(
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
}
