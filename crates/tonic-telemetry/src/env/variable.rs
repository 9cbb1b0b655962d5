use std::str::FromStr;
use std::time::Duration;

use crate::InitError;

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

    /// A whole number, as the limits of the SDK are.
    pub(crate) fn small_number(&self) -> Result<u32, InitError> {
        self.parse("a whole number")
    }

    /// A port; 0 is one that the system chooses.
    pub(crate) fn port(&self) -> Result<u16, InitError> {
        self.parse("a port")
    }

    /// A duration, written as whole milliseconds.
    pub(crate) fn milliseconds(&self) -> Result<Duration, InitError> {
        self.parse("whole milliseconds").map(Duration::from_millis)
    }

    /// A duration whose zero means no limit: the largest value that the specification proposes.
    pub(crate) fn timeout(&self) -> Result<Duration, InitError> {
        const NO_LIMIT: Duration = Duration::from_millis(i32::MAX as u64);
        let timeout = self.milliseconds()?;
        Ok(if timeout.is_zero() {
            NO_LIMIT
        } else {
            timeout.min(NO_LIMIT)
        })
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

    /// The position of the value among these words, in upper or lower case.
    pub(crate) fn one_of(
        &self,
        words: &[&str],
        expected: &'static str,
    ) -> Result<usize, InitError> {
        let found = |word: &&str| word.eq_ignore_ascii_case(&self.value);
        let position = words.iter().position(found);
        position.ok_or_else(|| self.refuse(expected))
    }

    /// The entries of a list with commas.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &str> {
        let entries = self.value.split(',').map(str::trim);
        entries.filter(|entry| !entry.is_empty())
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

    /// The same error without the value, which may hold a secret.
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
    fn error_names_the_variable_its_value_and_what_was_expected() {
        let variable = Variable {
            name: "OTEL_BSP_MAX_QUEUE_SIZE".to_owned(),
            value: "many".to_owned(),
        };
        assert_eq!(
            variable.count().unwrap_err().to_string(),
            "OTEL_BSP_MAX_QUEUE_SIZE is `many`, expected a whole number above zero"
        );
        let unseen = variable.refuse_unseen("x").to_string();
        assert!(unseen.contains("(not shown)"), "{unseen}");
    }
}
