//! `name{label="value", other=~"pattern"}`

use super::Parser;
use crate::metrics::{
    promql::{
        ast::{Selector, Shift},
        error::ParseError,
        token::Token,
    },
    tsdb::{MAX_PATTERNS, Matcher, NAME},
};

impl Parser {
    /// What is left of a selector after the name, if there was one.
    pub(super) fn selector(&mut self, name: Option<&str>) -> Result<Selector, ParseError> {
        let begin = self.at();
        let mut matchers = Vec::new();
        if let Some(name) = name {
            matchers.push(Matcher::equal(NAME, name));
        }
        if self.takes("{") {
            while !self.takes("}") {
                let at = self.at();
                let matcher = self.matcher()?;
                if name.is_some() && *matcher.name == *NAME {
                    return Err(ParseError::new(at, "metric name must not be set twice"));
                }
                matchers.push(matcher);
                if !self.takes(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        if matchers.iter().all(Matcher::accepts_absence) {
            let message = "vector selector must contain at least one non-empty matcher";
            return Err(ParseError::new(begin, message));
        }
        Ok(Selector {
            matchers,
            shift: Shift::default(),
        })
    }

    /// `label="value"`, or a quoted name of a metric.
    fn matcher(&mut self) -> Result<Matcher, ParseError> {
        let name = match self.peek().clone() {
            Token::Name(name) if !name.contains(':') => name,
            Token::Text(name) => name,
            _ => return Err(self.unexpected("identifier or \"}\"")),
        };
        let is_quoted = matches!(self.advance(), Token::Text(_));
        let operator = match *self.peek() {
            Token::Symbol(symbol @ ("=" | "!=" | "=~" | "!~")) => symbol,
            Token::Symbol("," | "}") if is_quoted => return Ok(Matcher::equal(NAME, &name)),
            _ => return Err(self.unexpected("label matching operator")),
        };
        self.advance();
        let at = self.at();
        let value = self.text()?;
        self.patterns += usize::from(operator.ends_with('~'));
        if self.patterns > MAX_PATTERNS {
            let message = format!("the query has more than {MAX_PATTERNS} patterns");
            return Err(ParseError::new(at, message));
        }
        Matcher::new(&name, operator, &value)
            .map_err(|error| ParseError::new(at, error.to_string()))
    }
}
