use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::InitError;

/// The environment, read through a function so that tests hand in their own.
pub(crate) struct Variables {
    read: Box<Read>,
}

/// Returns the value of a variable that is set.
type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Variables {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::through(|name| std::env::var(name).ok())
    }

    /// Whatever this function says.
    pub(crate) fn through(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            read: Box::new(read),
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

    /// The first of `names` that is set. Empty counts as not set, as [OpenTelemetry][spec] says.
    ///
    /// [spec]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    pub(crate) fn get<N: AsRef<str>>(&self, names: &[N]) -> Option<Variable> {
        names.iter().map(AsRef::as_ref).find_map(|name| {
            let value = (self.read)(name)?.trim().to_owned();
            (!value.is_empty()).then(|| Variable {
                name: name.to_owned(),
                value,
            })
        })
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Variables")
    }
}

/// An environment variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Variable {
    /// A whole number above zero.
    pub(crate) fn count(&self) -> Result<usize, InitError> {
        let count = self.parse("a whole number above zero")?;
        if count == 0 {
            Err(self.refuse("a whole number above zero"))
        } else {
            Ok(count)
        }
    }

    /// A duration, written as whole milliseconds.
    pub(crate) fn milliseconds(&self) -> Result<Duration, InitError> {
        self.parse("whole milliseconds").map(Duration::from_millis)
    }

    /// A share between 0 and 1.
    pub(crate) fn ratio(&self) -> Result<f64, InitError> {
        let expected = "a number between 0 and 1";
        let ratio: f64 = self.parse(expected)?;
        if (0.0..=1.0).contains(&ratio) {
            Ok(ratio)
        } else {
            Err(self.refuse(expected))
        }
    }

    /// `true` or `false`, in any case.
    pub(crate) fn boolean(&self) -> Result<bool, InitError> {
        self.value
            .to_ascii_lowercase()
            .parse()
            .map_err(|_| self.refuse("true or false"))
    }

    /// One of these words, by its position.
    pub(crate) fn one_of(
        &self,
        words: &[&str],
        expected: &'static str,
    ) -> Result<usize, InitError> {
        let position = words.iter().position(|word| *word == self.value);
        position.ok_or_else(|| self.refuse(expected))
    }

    fn parse<T: FromStr>(&self, expected: &'static str) -> Result<T, InitError> {
        self.value.parse().map_err(|_| self.refuse(expected))
    }

    /// The error that says that the value is not what was `expected`.
    pub(crate) fn refuse(&self, expected: &'static str) -> InitError {
        InitError::Variable {
            name: self.name.clone(),
            value: self.value.clone(),
            expected,
        }
    }

    /// The same, for a value that may hold a secret.
    pub(crate) fn refuse_unseen(&self, expected: &'static str) -> InitError {
        InitError::Variable {
            name: self.name.clone(),
            value: "(not shown)".to_owned(),
            expected,
        }
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
    fn error_names_the_variable_its_value_and_what_was_expected() {
        let variable = Variable {
            name: "OTEL_SDK_DISABLED".to_owned(),
            value: "maybe".to_owned(),
        };
        assert_eq!(
            variable.boolean().unwrap_err().to_string(),
            "OTEL_SDK_DISABLED is `maybe`, expected true or false"
        );
        assert!(
            variable
                .refuse_unseen("x")
                .to_string()
                .contains("(not shown)")
        );
    }
}
