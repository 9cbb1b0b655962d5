use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What the files of the registry list.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Attributes that are defined here.
    pub(crate) own: BTreeSet<String>,
    /// Attributes that spans may have: ours, and those of the semantic conventions.
    pub(crate) attributes: BTreeSet<String>,
    pub(crate) events: BTreeSet<String>,
    pub(crate) metrics: BTreeMap<String, Metric>,
}

/// One metric.
#[derive(Debug, Default)]
pub(crate) struct Metric {
    pub(crate) instrument: String,
    pub(crate) labels: BTreeSet<String>,
}

impl Registry {
    /// Reads the lines that name something. The files have one key a line, so that this is enough.
    pub(crate) fn read() -> Self {
        let mut registry = Self::default();
        let mut metric = None;
        for line in lines() {
            let (key, value) = line.trim_start().split_once(": ").unwrap_or((&line, ""));
            let indent = line.len() - line.trim_start().len();
            match (indent, key) {
                (2, "- id") => metric = None,
                (6, "- id") => drop(registry.own.insert(value.to_owned())),
                (4, "name") => drop(registry.events.insert(value.to_owned())),
                (4, "metric_name") => {
                    metric = Some(registry.metrics.entry(value.to_owned()).or_default());
                }
                (4, "instrument") => {
                    let metric = metric.as_mut().expect("an instrument is that of a metric");
                    value.clone_into(&mut metric.instrument);
                }
                (6, "- ref") => match &mut metric {
                    Some(metric) => drop(metric.labels.insert(value.to_owned())),
                    None => drop(registry.attributes.insert(value.to_owned())),
                },
                _ => {}
            }
        }
        assert!(!registry.metrics.is_empty() && !registry.events.is_empty());
        registry
    }
}

fn lines() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vocabulary");
    let mut lines = Vec::new();
    for file in ["attributes", "spans", "events", "metrics"] {
        let path = folder.join(file).with_extension("yaml");
        let text = fs::read_to_string(path).expect("the registry has this file");
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}
