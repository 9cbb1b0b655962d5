//! What the pages say about their metrics: type, help and unit.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

/// The most metrics that are remembered.
const MAX_FAMILIES: usize = 5000;

/// The longest name or help of a metric, in bytes.
const MAX_BYTES: usize = 1024;

/// Type, help and unit of each metric. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    families: Arc<Mutex<BTreeMap<String, MetricMetadata>>>,
}

/// What is known of one metric; empty where its page does not say it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct MetricMetadata {
    #[serde(rename = "type")]
    kind: String,
    help: String,
    unit: String,
}

impl Metadata {
    /// Takes in a line `# TYPE name rest`, `# HELP …` or `# UNIT …`, cut where it is too long.
    pub(crate) fn record(&self, keyword: &str, family: &str, rest: &str) {
        if family.len() > MAX_BYTES {
            return;
        }
        let rest = &rest[..rest.floor_char_boundary(MAX_BYTES)];
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        if !families.contains_key(family) {
            if families.len() >= MAX_FAMILIES {
                return;
            }
            families.insert(family.to_owned(), MetricMetadata::default());
        }
        let Some(found) = families.get_mut(family) else {
            return;
        };
        let field = match keyword {
            "TYPE" => &mut found.kind,
            "HELP" => &mut found.help,
            _ => &mut found.unit,
        };
        if field != rest {
            rest.clone_into(field);
        }
    }

    /// All, or that of one metric.
    pub(crate) fn all(&self, metric: Option<&str>) -> BTreeMap<String, Vec<MetricMetadata>> {
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = families
            .iter()
            .filter(|(name, _)| metric.is_none_or(|it| it == *name));
        wanted
            .map(|(name, found)| (name.clone(), vec![found.clone()]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_FAMILIES, Metadata};

    #[test]
    fn what_a_page_says_of_a_metric_is_known() {
        let metadata = Metadata::default();
        metadata.record("TYPE", "calls", "counter");
        metadata.record("HELP", "calls", "How many.");
        metadata.record("HELP", "errors", "How few.");
        let calls = &metadata.all(Some("calls"))["calls"][0];
        assert_eq!(
            (calls.kind.as_str(), calls.help.as_str()),
            ("counter", "How many.")
        );
        assert_eq!(metadata.all(None).len(), 2);
    }

    #[test]
    fn no_page_says_too_much() {
        let metadata = Metadata::default();
        metadata.record("HELP", "calls", &"ä".repeat(MAX_BYTES));
        let help = &metadata.all(Some("calls"))["calls"][0].help;
        assert_eq!(help.len(), MAX_BYTES);
        metadata.record("TYPE", &"a".repeat(MAX_BYTES + 1), "counter");
        assert_eq!(metadata.all(None).len(), 1);
        for family in 0..2 * MAX_FAMILIES {
            metadata.record("TYPE", &format!("a{family}"), "counter");
        }
        assert_eq!(metadata.all(None).len(), MAX_FAMILIES);
    }
}
