//! `sum by (job) (…)`

use super::Parser;
use crate::metrics::promql::{
    ast::{Aggregate, Expr, Grouping, Kind},
    error::ParseError,
    token::Token,
};

/// The operators, and what the parameter before the expression is.
const OPERATORS: [(&str, Option<Kind>); 12] = [
    ("sum", None),
    ("avg", None),
    ("min", None),
    ("max", None),
    ("count", None),
    ("group", None),
    ("stddev", None),
    ("stdvar", None),
    ("topk", Some(Kind::Scalar)),
    ("bottomk", Some(Kind::Scalar)),
    ("quantile", Some(Kind::Scalar)),
    ("count_values", Some(Kind::Text)),
];

impl Parser {
    /// The aggregation that begins here; a metric may have the same name.
    pub(super) fn aggregation(&self) -> Option<(&'static str, Option<Kind>)> {
        let (Token::Name(name), Some((after, _))) = (self.peek(), self.tokens.get(self.next + 1))
        else {
            return None;
        };
        let follows = match after {
            Token::Symbol(symbol) => *symbol == "(",
            Token::Name(word) => ["by", "without"]
                .iter()
                .any(|it| word.eq_ignore_ascii_case(it)),
            _ => false,
        };
        let mut operators = OPERATORS.iter().copied();
        operators.find(|(operator, _)| follows && operator.eq_ignore_ascii_case(name))
    }

    pub(super) fn aggregate(
        &mut self,
        (operator, takes): (&'static str, Option<Kind>),
    ) -> Result<Expr, ParseError> {
        let at = self.at();
        self.advance();
        let before = self.grouping()?;
        let mut arguments = self.arguments()?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or(Grouping::By(Vec::new())),
        };
        let wanted = 1 + usize::from(takes.is_some());
        let given = arguments.len();
        if given != wanted {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {wanted}, \
                 got {given}"
            );
            return Err(ParseError::new(at, message));
        }
        let place = "aggregation expression";
        let expr = arguments.pop().expect("they have been counted");
        self.check(&expr, Kind::Vector, place)?;
        let parameter = arguments.pop();
        if let (Some(parameter), Some(kind)) = (&parameter, takes) {
            self.check(parameter, kind, "aggregation parameter")?;
        }
        Ok(Expr::Aggregate(Box::new(Aggregate {
            operator,
            parameter,
            expr,
            grouping,
        })))
    }

    /// `by (…)` or `without (…)`
    fn grouping(&mut self) -> Result<Option<Grouping>, ParseError> {
        Ok(if self.takes_word("by") {
            Some(Grouping::By(self.label_names()?))
        } else if self.takes_word("without") {
            Some(Grouping::Without(self.label_names()?))
        } else {
            None
        })
    }
}
