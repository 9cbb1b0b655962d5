//! Recording rules and alerting rules, which are evaluated after each scrape.

mod alert;
mod alerting;
mod file;
mod group;
mod reply;
mod template;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::tsdb::SampleStore;
pub(crate) use alert::AlertReply;
pub use file::RuleError;
use group::{Group, RuleKind, Run};
pub(crate) use reply::{GroupReply, Page, RuleFilter};

/// The rules of all files. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    interval: Duration,
    groups: Arc<Mutex<Vec<Group>>>,
}

impl Rules {
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            interval,
            groups: Arc::default(),
        }
    }

    pub(crate) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// Adds the groups of a file, whose name is shown in the API and in errors.
    pub(crate) fn load(&self, file: &str, text: &str) -> Result<(), RuleError> {
        let groups = file::read(file, text)?;
        self.lock().extend(groups);
        Ok(())
    }

    /// Evaluates all rules at this moment, in the order of the files.
    ///
    /// No lock is held while a rule is computed, so requests for rules and alerts do not wait.
    pub(crate) fn evaluate(&self, at: i64, store: &SampleStore) {
        // Groups are only added at the end, so a place always means the same group.
        let groups = self.lock().len();
        for group in 0..groups {
            let begun = Instant::now();
            let rules = self.lock()[group].rules.len();
            for rule in 0..rules {
                let expr = Arc::clone(&self.lock()[group].rules[rule].expr);
                let begun = Instant::now();
                let value = group::compute(&expr, at, store);
                self.lock()[group].rules[rule].take(value, at, begun, store);
            }
            let took = begun.elapsed();
            self.lock()[group].run = Run { at, took };
        }
    }

    /// The groups with the rules that are wanted.
    pub(crate) fn groups(&self, wanted: &RuleFilter) -> Vec<GroupReply> {
        let groups = self.lock();
        let replies = groups.iter().filter(|group| wanted.takes_group(group));
        let replies = replies.map(|group| GroupReply::new(group, wanted, self.interval));
        replies.filter(|group| !group.is_empty()).collect()
    }

    /// The alerts that are pending or firing.
    pub(crate) fn alerts(&self) -> Vec<AlertReply> {
        let groups = self.lock();
        let rules = groups.iter().flat_map(|group| &group.rules);
        let alerts = rules.filter_map(|rule| match &rule.kind {
            RuleKind::Alerting(alerting) => Some(alerting.replies()),
            RuleKind::Recording(_) => None,
        });
        alerts.flatten().collect()
    }

    /// The names of the alerts that fire.
    pub(crate) fn firing(&self) -> Vec<String> {
        let groups = self.lock();
        let rules = groups.iter().flat_map(|group| &group.rules);
        let firing = rules.filter_map(|rule| match &rule.kind {
            RuleKind::Alerting(alerting) if alerting.is_firing() => {
                Some(alerting.name().to_owned())
            }
            _ => None,
        });
        firing.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
