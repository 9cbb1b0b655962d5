//! Questions with choices, answered by a number or a name and Enter.

use std::io::{self, BufRead as _};

use anyhow::bail;

use crate::output::{self, Printable, bold, dim};

/// What can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    name: String,
    says: &'static str,
}

/// A question with its choices.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) text: &'a str,
    pub(super) choices: &'a [Choice],
}

impl Choice {
    pub(super) fn new(name: impl Into<String>, says: &'static str) -> Self {
        Self {
            name: name.into(),
            says,
        }
    }
}

impl Question<'_> {
    /// Asks until a line of standard input is one of the choices. A quiet question is not printed.
    ///
    /// # Errors
    /// When the input ends, or cannot be read.
    pub(super) fn ask(&self, quiet: bool) -> anyhow::Result<String> {
        if !quiet {
            self.print()?;
        }
        loop {
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line)? == 0 {
                bail!(
                    "no answer to \"{}\": expected {}",
                    self.text,
                    self.expected()
                );
            }
            match self.read(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(why) => output::note(Printable(why)),
            }
        }
    }

    /// Finds the choice with this number or name.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(&self, text: &str) -> Result<String, String> {
        let number = text.parse::<usize>().ok();
        let by_number = number.and_then(|number| self.choices.get(number.checked_sub(1)?));
        let by_name = || self.choices.iter().find(|choice| choice.name == text);
        let found = by_number.or_else(by_name);
        let expected = || format!("`{text}` is not a choice: expected {}", self.expected());
        found.map(|choice| choice.name.clone()).ok_or_else(expected)
    }

    fn expected(&self) -> String {
        let names: Vec<_> = self
            .choices
            .iter()
            .map(|choice| choice.name.as_str())
            .collect();
        format!("1 to {}, or one of {}", names.len(), names.join(", "))
    }

    fn print(&self) -> io::Result<()> {
        output::line(format_args!("\n{}", bold(self.text)))?;
        for (number, Choice { name, says }) in (1..).zip(self.choices) {
            let line = format!("  {number:>2}  {:<10}{}", Printable(name), dim(says));
            output::line(line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Question};

    #[test]
    fn an_answer_is_a_number_or_a_name() {
        let choices = ["gateway", "user"].map(|name| Choice::new(name, ""));
        let question = Question {
            text: "Where?",
            choices: &choices,
        };
        for (text, expected) in [("1", "gateway"), ("2", "user"), ("user", "user")] {
            assert_eq!(question.read(text).unwrap(), expected);
        }
        for text in ["", "0", "3", "-1", "profile"] {
            let why = question.read(text).unwrap_err();
            assert!(
                why.ends_with("expected 1 to 2, or one of gateway, user"),
                "{why}"
            );
        }
    }
}
