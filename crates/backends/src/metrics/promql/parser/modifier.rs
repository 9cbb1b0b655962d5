//! What follows an expression: a range as `[5m]`, and the modifiers `offset 1h` and `@ 1700000000`.

use super::Parser;
use crate::metrics::{
    number::{milliseconds, named_number},
    promql::{
        ast::{At, Expr, Shift, Subquery},
        error::ParseError,
        token::Token,
        value::ValueType,
    },
};

impl Parser {
    /// Reads what follows an expression: a range, `offset` and `@`, in any order, each once. After
    /// brackets, only the range of a subquery may follow.
    pub(super) fn suffixes(
        &mut self,
        mut expr: Expr,
        begin: usize,
        mut is_bracketed: bool,
    ) -> Result<Expr, ParseError> {
        loop {
            if matches!(self.peek(), Token::Symbol("[")) {
                expr = self.range(expr, begin, is_bracketed)?;
                is_bracketed = false;
            } else if self.takes_word("offset") {
                let sign = self.sign();
                let offset = sign * self.duration()?;
                let shift = shift(&mut expr).filter(|_| !is_bracketed);
                let shift = shift.ok_or_else(|| not_shiftable("offset", begin))?;
                if shift.offset != 0 {
                    return Err(self.error("offset may not be set multiple times"));
                }
                shift.offset = offset;
            } else if self.takes("@") {
                let at = self.moment()?;
                let shift = shift(&mut expr).filter(|_| !is_bracketed);
                let shift = shift.ok_or_else(|| not_shiftable("@", begin))?;
                if shift.at.is_some() {
                    return Err(self.error("@ <timestamp> may not be set multiple times"));
                }
                shift.at = Some(at);
            } else {
                return Ok(expr);
            }
        }
    }

    /// `[5m]` or `[1h:5m]`
    fn range(&mut self, expr: Expr, begin: usize, is_bracketed: bool) -> Result<Expr, ParseError> {
        self.expect("[")?;
        let range = self.duration()?;
        if range <= 0 {
            return Err(self.error("duration must be greater than 0"));
        }
        if self.takes(":") {
            let step = match self.peek() {
                Token::Symbol("]") => None,
                _ => Some(self.duration()?),
            };
            if step.is_some_and(|step| step <= 0) {
                return Err(self.error("duration must be greater than 0"));
            }
            self.expect("]")?;
            if expr.value_type() != ValueType::Vector {
                let message = "subquery is only allowed on instant vector";
                return Err(ParseError::new(begin, message));
            }
            let shift = Shift::default();
            return Ok(Expr::Subquery(Box::new(Subquery {
                expr,
                range,
                step,
                shift,
            })));
        }
        self.expect("]")?;
        let error = |message: &str| Err(ParseError::new(begin, message));
        match expr {
            Expr::Selector(selector) if !is_bracketed => match selector.shift {
                Shift {
                    offset: 0,
                    at: None,
                } => Ok(Expr::Range(selector, range)),
                Shift { at: None, .. } => error("no offset modifiers allowed before range"),
                _ => error("no @ modifiers allowed before range"),
            },
            _ => error("ranges only allowed for vector selectors"),
        }
    }

    fn moment(&mut self) -> Result<At, ParseError> {
        for (word, at) in [("start", At::Start), ("end", At::End)] {
            if self.takes_word(word) {
                self.expect("(")?;
                self.expect(")")?;
                return Ok(at);
            }
        }
        let sign = self.sign();
        let ms = match self.peek() {
            Token::Number(number) => milliseconds(*number),
            Token::Duration(ms) => Some(*ms),
            Token::Name(name) => named_number(name).and_then(milliseconds),
            _ => return Err(self.unexpected("timestamp")),
        };
        let moment = ms.ok_or_else(|| self.error("timestamp out of bounds for @"))?;
        self.advance();
        Ok(At::Moment(sign * moment))
    }

    /// A sign before a number.
    fn sign(&mut self) -> i64 {
        if self.takes("-") {
            return -1;
        }
        self.takes("+");
        1
    }
}

fn shift(expr: &mut Expr) -> Option<&mut Shift> {
    match expr {
        Expr::Selector(selector) | Expr::Range(selector, _) => Some(&mut selector.shift),
        Expr::Subquery(subquery) => Some(&mut subquery.shift),
        _ => None,
    }
}

fn not_shiftable(modifier: &str, begin: usize) -> ParseError {
    let message = format!(
        "{modifier} modifier must be preceded by an instant vector selector or range vector \
         selector or a subquery"
    );
    ParseError::new(begin, message)
}
