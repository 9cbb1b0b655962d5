//! What the pages say of their metrics.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

/// The most metrics that are remembered.
const MAX_FAMILIES: usize = 5000;

/// Type, help and unit of each metric. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    families: Arc<Mutex<BTreeMap<String, About>>>,
}

/// What is known of one metric; empty where its page does not say it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct About {
    #[serde(rename = "type")]
    kind: String,
    help: String,
    unit: String,
}

impl Metadata {
    /// Takes in a line `# TYPE name rest`, `# HELP …` or `# UNIT …`.
    pub(crate) fn learn(&self, keyword: &str, family: &str, rest: &str) {
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        if !families.contains_key(family) {
            if families.len() >= MAX_FAMILIES {
                return;
            }
            families.insert(family.to_owned(), About::default());
        }
        let Some(about) = families.get_mut(family) else {
            return;
        };
        let field = match keyword {
            "TYPE" => &mut about.kind,
            "HELP" => &mut about.help,
            _ => &mut about.unit,
        };
        if field != rest {
            rest.clone_into(field);
        }
    }

    /// All, or that of one metric.
    pub(crate) fn all(&self, metric: Option<&str>) -> BTreeMap<String, Vec<About>> {
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = families
            .iter()
            .filter(|(name, _)| metric.is_none_or(|it| it == *name));
        wanted
            .map(|(name, about)| (name.clone(), vec![about.clone()]))
            .collect()
    }
}
