use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What the files of the registry list.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Attributes that are defined here.
    pub(crate) own: BTreeMap<String, Attribute>,
    pub(crate) spans: Vec<Group>,
    pub(crate) events: BTreeSet<String>,
    pub(crate) metrics: BTreeMap<String, Metric>,
}

/// What values an attribute may have.
#[derive(Debug, Default)]
pub(crate) struct Attribute {
    pub(crate) kind: String,
    /// Empty where all values of the type are allowed.
    pub(crate) members: BTreeSet<String>,
}

/// The spans of one sort.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) span_kind: String,
    /// Ours, and those of the semantic conventions.
    pub(crate) attributes: BTreeSet<String>,
}

/// One metric.
#[derive(Debug, Default)]
pub(crate) struct Metric {
    pub(crate) instrument: String,
    pub(crate) labels: BTreeSet<String>,
}

/// What the lines that follow belong to.
#[derive(Debug, Default)]
struct At {
    attribute: String,
    metric: Option<String>,
}

impl Registry {
    /// Reads the lines that name something. The files have one key a line, so that this is enough.
    pub(crate) fn read() -> Self {
        let (mut registry, mut at) = (Self::default(), At::default());
        for line in lines() {
            let text = line.trim_start();
            let (key, value) = text.split_once(':').unwrap_or((text, ""));
            registry.take(&mut at, (line.len() - text.len(), key), value.trim());
        }
        let all = [
            registry.own.len(),
            registry.spans.len(),
            registry.events.len(),
        ];
        assert!(!all.contains(&0) && !registry.metrics.is_empty());
        registry
    }

    fn take(&mut self, at: &mut At, key: (usize, &str), value: &str) {
        let text = || value.trim_matches('"').to_owned();
        match key {
            (2, "- id") => at.metric = None,
            (4, "span_kind") => self.spans.push(Group {
                span_kind: text(),
                ..Group::default()
            }),
            (4, "name") => drop(self.events.insert(text())),
            (4, "metric_name") => at.metric = Some(text()),
            (4, "instrument") => self.metric(at).instrument = text(),
            (6, "- ref") => {
                let group = self
                    .spans
                    .last_mut()
                    .expect("an attribute is that of a span");
                group.attributes.insert(text());
            }
            (6, "- id") => {
                at.attribute = text();
                self.own.insert(text(), Attribute::default());
            }
            // What is annotated below the labels of a metric.
            (10, label) if at.metric.is_some() => {
                self.metric(at).labels.insert(label.to_owned());
            }
            (8, "type") => self.attribute(at).kind = text(),
            (14, "value") => drop(self.attribute(at).members.insert(text())),
            _ => {}
        }
    }

    fn attribute(&mut self, at: &At) -> &mut Attribute {
        let attribute = self.own.get_mut(&at.attribute);
        attribute.expect("a type is that of an attribute")
    }

    fn metric(&mut self, at: &At) -> &mut Metric {
        let name = at
            .metric
            .clone()
            .expect("an instrument is that of a metric");
        self.metrics.entry(name).or_default()
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
