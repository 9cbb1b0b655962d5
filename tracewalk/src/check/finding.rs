use std::fmt::Display;

/// What a step found: the measured fact when it holds, and what is missing when it does not.
pub(super) type Verdict = Result<String, Finding>;

/// A step that does not hold.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// The name of the part that is down or empty: `profile`, `jaeger`.
    pub(super) part: String,
    pub(super) expected: String,
    pub(super) found: String,
    /// What to do about it.
    pub(super) advice: String,
    /// Whether the missing data may be on its way, as a span that is not exported yet.
    pub(super) may_come: bool,
}

impl Finding {
    pub(super) fn new(
        part: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            part: part.into(),
            expected: expected.into(),
            found: found.into(),
            advice: advice.into(),
            may_come: false,
        }
    }

    /// The missing data may be on its way: the step is checked again before the finding counts.
    pub(super) fn may_come(self) -> Self {
        Self {
            may_come: true,
            ..self
        }
    }
}

/// `a, b and c`.
pub(super) fn list<T: Display>(things: impl IntoIterator<Item = T>) -> String {
    let mut names: Vec<_> = things.into_iter().map(|thing| thing.to_string()).collect();
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn a_list_reads_like_a_sentence() {
        assert_eq!(list([] as [&str; 0]), "nothing");
        assert_eq!(list(["a"]), "a");
        assert_eq!(list(["a", "b", "c"]), "a, b and c");
    }
}
