use std::{fmt, ops::RangeInclusive};

/// A field that breaks a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field in the request, such as `user.email`.
    pub field: &'static str,
    /// What was expected.
    pub rule: String,
}

/// All fields of a request that break a limit; never empty as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The violations, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// `Ok` when there are none.
    pub(super) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    pub(super) fn expect(&mut self, holds: bool, field: &'static str, rule: impl Into<String>) {
        if !holds {
            self.0.push(Violation {
                field,
                rule: rule.into(),
            });
        }
    }

    /// Free text: so many characters, and no control characters but line breaks and tabs.
    ///
    /// A database need not be able to keep the others; PostgreSQL cannot keep NUL.
    pub(super) fn text(&mut self, field: &'static str, value: &str, limit: RangeInclusive<usize>) {
        let rule = format!("expected {} to {} characters", limit.start(), limit.end());
        self.expect(limit.contains(&value.chars().count()), field, rule);
        let allowed = |character: char| !character.is_control() || "\n\r\t".contains(character);
        self.expect(
            value.chars().all(allowed),
            field,
            "expected no control characters",
        );
    }
}

impl fmt::Display for Violations {
    /// `user.name: expected 1 to 100 characters; user.email: …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Violation { field, rule }) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{field}: {rule}")?;
        }
        Ok(())
    }
}
