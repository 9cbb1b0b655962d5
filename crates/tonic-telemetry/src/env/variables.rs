use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::Variable;
use crate::InitError;

/// The environment, read through a function so that tests hand in their own.
///
/// A value that is not understood is ignored with a warning, by the rules of
/// [OpenTelemetry][spec]. The warnings are kept until there is a log to write them to.
///
/// [spec]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
pub(crate) struct Variables {
    read: Box<Read>,
    warnings: Mutex<Vec<String>>,
}

/// Returns the value of a variable that is set.
type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Variables {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        // A value that is not UTF-8 counts as set; it is malformed, not absent.
        Self::through(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    /// The values that this function returns.
    pub(crate) fn through(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            read: Box::new(read),
            warnings: Mutex::default(),
        }
    }

    /// Exactly these variables.
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let pairs: std::collections::HashMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        Self::through(move |name| pairs.get(name).cloned())
    }

    /// The first of `names` that is set. Empty counts as not set.
    pub(crate) fn get<N: AsRef<str>>(&self, names: &[N]) -> Option<Variable> {
        names.iter().find_map(|name| {
            let name = name.as_ref();
            let value = (self.read)(name)?.trim().to_owned();
            (!value.is_empty()).then(|| Variable {
                name: name.to_owned(),
                value,
            })
        })
    }

    /// The first of `names` that holds what `parse` understands.
    pub(crate) fn read<N: AsRef<str>, T>(
        &self,
        names: &[N],
        parse: impl Fn(&Variable) -> Result<T, InitError>,
    ) -> Option<T> {
        names.iter().find_map(|name| {
            let variable = self.get(&[name])?;
            parse(&variable).map_err(|error| self.ignore(&error)).ok()
        })
    }

    /// Whether the first of `names` that is set says `true`; anything but that is `false`.
    pub(crate) fn flag<N: AsRef<str>>(&self, names: &[N]) -> bool {
        let position = self.get(names).and_then(|it| {
            self.read(&[it.name], |it| {
                it.one_of(&["false", "true"], "true or false")
            })
        });
        position == Some(1)
    }

    /// The positions of the `words` that a list with commas has; `None` where the list is not set,
    /// or has none of them.
    pub(crate) fn list(
        &self,
        name: &str,
        words: &[&str],
        expected: &'static str,
    ) -> Option<Vec<usize>> {
        let variable = self.get(&[name])?;
        let positions = variable.entries().filter_map(|entry| {
            let entry = Variable {
                name: name.to_owned(),
                value: entry.to_owned(),
            };
            let position = entry.one_of(words, expected);
            position.map_err(|error| self.ignore(&error)).ok()
        });
        Some(positions.collect()).filter(|positions: &Vec<usize>| !positions.is_empty())
    }

    /// Keeps the warning that something is ignored.
    pub(crate) fn ignore(&self, error: &impl fmt::Display) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(format!("{error}; ignored"));
    }

    /// The warnings since they were last taken.
    pub(crate) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Variables")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_name_that_is_set_counts_and_empty_is_not_set() {
        let variables = Variables::of(&[("A", " "), ("B", " b "), ("C", "c")]);
        let found = variables.get(&["A", "B", "C"]).expect("B is set");
        assert_eq!((found.name.as_str(), found.value.as_str()), ("B", "b"));
        assert_eq!(variables.get(&["A", "D"]), None);
    }

    #[test]
    fn name_that_is_not_understood_leaves_the_next_one() {
        let variables = Variables::of(&[("A", "x"), ("B", "7")]);
        assert_eq!(variables.read(&["A", "B"], Variable::count), Some(7));
        let warning = "A is `x`, expected a whole number above zero; ignored";
        assert_eq!(variables.take_warnings(), [warning]);
    }

    #[test]
    fn only_true_is_true() {
        for (value, on, warned) in [
            ("true", true, false),
            ("TRUE", true, false),
            ("False", false, false),
            ("", false, false),
            ("1", false, true),
            ("yes", false, true),
        ] {
            let variables = Variables::of(&[("A", value), ("B", "false")]);
            assert_eq!(variables.flag(&["A", "B"]), on, "{value}");
            assert_eq!(!variables.take_warnings().is_empty(), warned, "{value}");
        }
    }
}
