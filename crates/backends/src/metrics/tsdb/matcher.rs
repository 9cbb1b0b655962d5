//! What a selector demands of a label.

use super::{
    labels::Labels,
    re2::{Pattern, PatternError},
};
use crate::intern::Text;

/// The most patterns of one request: they are compiled before the request waits for admission.
pub(crate) const MAX_PATTERNS: usize = 50;

/// One demand: `name="value"`, `name!="value"`, `name=~"pattern"` or `name!~"pattern"`.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    pub(crate) name: Text,
    test: Test,
    negated: bool,
}

#[derive(Clone, Debug)]
enum Test {
    Equal(Text),
    Pattern(Pattern),
}

impl Matcher {
    /// `operator` is one of the four.
    ///
    /// # Errors
    /// For a pattern that is no regular expression.
    pub(crate) fn new(name: &str, operator: &str, value: &str) -> Result<Self, PatternError> {
        let test = if operator.ends_with('~') {
            Test::Pattern(Pattern::new(value)?)
        } else {
            Test::Equal(value.into())
        };
        Ok(Self {
            name: name.into(),
            test,
            negated: operator.starts_with('!'),
        })
    }

    pub(crate) fn equal(name: &str, value: &str) -> Self {
        Self {
            name: name.into(),
            test: Test::Equal(value.into()),
            negated: false,
        }
    }

    pub(crate) fn accepts(&self, labels: &Labels) -> bool {
        self.accepts_value(labels.get(&self.name))
    }

    /// Whether it lets through series that do not have the label.
    pub(crate) fn accepts_absence(&self) -> bool {
        self.accepts_value("")
    }

    pub(crate) fn is_pattern(&self) -> bool {
        matches!(self.test, Test::Pattern(_))
    }

    /// The value, where it demands exactly one.
    pub(crate) fn exact(&self) -> Option<&Text> {
        match &self.test {
            Test::Equal(value) if !self.negated => Some(value),
            _ => None,
        }
    }

    pub(crate) fn accepts_value(&self, value: &str) -> bool {
        let passes = match &self.test {
            Test::Equal(wanted) => **wanted == *value,
            Test::Pattern(pattern) => pattern.is_match(value),
        };
        passes != self.negated
    }
}

/// Whether labels pass all matchers of one of the selectors.
pub(crate) fn any_accepts(selectors: &[Vec<Matcher>], labels: &Labels) -> bool {
    let accepts = |matchers: &Vec<Matcher>| matchers.iter().all(|it| it.accepts(labels));
    selectors.iter().any(accepts)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Labels, Matcher};

    #[rstest]
    #[case("=", "user", true)]
    #[case("=", "use", false)]
    #[case("!=", "gateway", true)]
    #[case("=~", "us", false)]
    #[case("=~", "us|user", true)]
    #[case("=~", "us.*", true)]
    #[case("!~", "us.*", false)]
    fn a_pattern_matches_the_whole_value(
        #[case] operator: &str,
        #[case] value: &str,
        #[case] accepted: bool,
    ) {
        let labels = Labels::from_iter([("service_name", "user")]);
        let matcher = Matcher::new("service_name", operator, value).unwrap();
        assert_eq!(matcher.accepts(&labels), accepted);
    }

    #[test]
    fn a_label_that_is_not_there_is_empty() {
        let nothing = Labels::default();
        assert!(Matcher::new("code", "=", "").unwrap().accepts(&nothing));
        assert!(Matcher::new("code", "!=", "OK").unwrap().accepts(&nothing));
        assert!(!Matcher::new("code", "=~", ".+").unwrap().accepts(&nothing));
    }

    #[test]
    fn a_bad_or_huge_pattern_is_refused() {
        assert!(Matcher::new("code", "=~", "(").is_err());
        assert!(Matcher::new("code", "=~", "(((a{99}){99}){99}){99}").is_err());
    }
}
