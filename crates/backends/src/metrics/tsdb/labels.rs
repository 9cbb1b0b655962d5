//! The labels of a series, which identify it.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    sync::Arc,
};

use serde::{Serialize, Serializer};

use crate::intern::Text;

/// The label that holds the name of the metric.
pub(crate) const NAME: &str = "__name__";

/// Whether a label may have this name: any text but an empty one, as in Prometheus 3.
pub(crate) fn is_label_name(text: &str) -> bool {
    !text.is_empty()
}

/// Names and values, sorted by name. A label with an empty value means the same as no label, so it
/// is not kept. A clone is a pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Labels(Arc<[(Text, Text)]>);

impl Labels {
    /// The value, empty when there is no such label.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.binary_search_by(|(label, _)| (**label).cmp(name));
        found.map_or("", |index| &self.0[index].1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Only those labels.
    pub(crate) fn keeping(&self, names: &[Text]) -> Self {
        self.filter(|name| names.contains(name))
    }

    /// All but those labels, and without the metric's name.
    pub(crate) fn dropping(&self, names: &[Text]) -> Self {
        self.filter(|name| !names.contains(name) && **name != *NAME)
    }

    pub(crate) fn without_name(&self) -> Self {
        if self.get(NAME).is_empty() {
            return self.clone();
        }
        self.filter(|name| **name != *NAME)
    }

    /// With a label added or replaced; an empty value removes it.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        if self.get(name) == value {
            return self.clone();
        }
        let others = self.0.iter().filter(|(label, _)| **label != *name).cloned();
        others.chain([(name.into(), value.into())]).collect()
    }

    /// About how many bytes they take when they are not shared.
    pub(crate) fn size(&self) -> usize {
        let texts = self.iter().map(|(name, value)| name.len() + value.len());
        texts.sum::<usize>() + self.0.len() * size_of::<(Text, Text)>()
    }

    fn filter(&self, keeps: impl Fn(&Text) -> bool) -> Self {
        let kept = self.0.iter().filter(|(name, _)| keeps(name)).cloned();
        Self(kept.collect())
    }
}

/// Of two labels with one name, the last wins.
impl FromIterator<(Text, Text)> for Labels {
    fn from_iter<I: IntoIterator<Item = (Text, Text)>>(pairs: I) -> Self {
        let mut sorted: Vec<_> = pairs.into_iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        sorted.reverse();
        sorted.dedup_by(|(later, _), (earlier, _)| later == earlier);
        sorted.reverse();
        sorted.retain(|(_, value)| !value.is_empty());
        Self(sorted.into())
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Labels {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let shared = pairs.into_iter();
        let shared = shared.map(|(name, value)| (Text::from(name), Text::from(value)));
        shared.collect()
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (&**name, &**value)))
    }
}

impl From<&BTreeMap<String, String>> for Labels {
    fn from(map: &BTreeMap<String, String>) -> Self {
        let pairs = map.iter();
        pairs
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// As a selector spells them: `up{job="services"}`.
impl Display for Labels {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.get(NAME))?;
        let rest = self.iter().filter(|(name, _)| ***name != *NAME);
        let rest: Vec<_> = rest
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        write!(f, "{{{}}}", rest.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Labels;

    #[test]
    fn they_are_sorted_and_unique_and_not_empty() {
        let labels = Labels::from_iter([("b", "1"), ("a", "2"), ("b", "3"), ("c", "")]);
        assert_eq!(labels.to_string(), r#"{a="2", b="3"}"#);
        assert_eq!((labels.get("b"), labels.get("c")), ("3", ""));
    }

    #[test]
    fn a_changed_copy_leaves_the_others() {
        let labels = Labels::from_iter([("__name__", "up"), ("job", "a")]);
        assert_eq!(labels.with("job", "").to_string(), "up{}");
        assert_eq!(labels.with("x", "y").to_string(), r#"up{job="a", x="y"}"#);
        assert_eq!(labels.without_name().to_string(), r#"{job="a"}"#);
        assert_eq!(labels.keeping(&["job".into()]).to_string(), r#"{job="a"}"#);
        assert_eq!(labels.dropping(&["job".into()]).to_string(), "{}");
    }
}
