//! What stands between operators.

use super::Parser;
use crate::metrics::{
    number::{named_number, seconds},
    promql::{ast::Expr, error::ParseError, operator::Operator, token::Token, value::ValueType},
};

/// Words that cannot be the name of a metric.
const RESERVED: [&str; 6] = [
    "atan2",
    "bool",
    "group_left",
    "group_right",
    "ignoring",
    "on",
];

impl Parser {
    pub(super) fn operand(&mut self) -> Result<Expr, ParseError> {
        for sign in ["-", "+"] {
            let at = self.at();
            if self.takes(sign) {
                let expr = self.expression(Operator::POWER.precedence())?;
                if !matches!(expr.value_type(), ValueType::Scalar | ValueType::Vector) {
                    let found = expr.value_type();
                    let message = format!(
                        "unary expression only allowed on expressions of type scalar or instant \
                         vector, got {found}"
                    );
                    return Err(ParseError::new(at, message));
                }
                return Ok(match (sign, expr) {
                    ("-", Expr::Number(number)) => Expr::Number(-number),
                    ("-", expr) => Expr::Negative(Box::new(expr)),
                    (_, expr) => expr,
                });
            }
        }
        let begin = self.at();
        let is_bracketed = matches!(self.peek(), Token::Symbol("("));
        let expr = self.plain_operand()?;
        self.suffixes(expr, begin, is_bracketed)
    }

    fn plain_operand(&mut self) -> Result<Expr, ParseError> {
        match self.peek().clone() {
            Token::Number(number) => {
                self.advance();
                Ok(Expr::Number(number))
            }
            Token::Duration(ms) => {
                self.advance();
                Ok(Expr::Number(seconds(ms)))
            }
            Token::Text(text) => {
                self.advance();
                Ok(Expr::String(text))
            }
            Token::Symbol("(") => {
                self.advance();
                let expr = self.expression(0)?;
                self.expect(")")?;
                Ok(expr)
            }
            Token::Symbol("{") => Ok(Expr::Selector(self.selector(None)?)),
            Token::Name(name) => self.named(&name),
            _ => Err(self.unexpected("an expression")),
        }
    }

    /// A number, an aggregation, a call or a metric: the next words decide.
    fn named(&mut self, name: &str) -> Result<Expr, ParseError> {
        if let Some(number) = named_number(name) {
            self.advance();
            return Ok(Expr::Number(number));
        }
        if let Some(parameter) = self.aggregation() {
            return self.aggregate(parameter);
        }
        if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
            return Err(self.unexpected("an expression"));
        }
        let at = self.at();
        self.advance();
        if matches!(self.peek(), Token::Symbol("(")) {
            return self.call(name, at);
        }
        Ok(Expr::Selector(self.selector(Some(name))?))
    }
}
