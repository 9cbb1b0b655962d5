//! From tokens to an expression: operators by precedence, the rest by recursive descent.

mod binary;
mod call;
mod modifier;
mod operand;
mod selector;
#[cfg(test)]
mod tests;

use super::{
    ast::{Expr, Selector},
    duration::MAX_MS,
    error::ParseError,
    token::{Token, tokens},
    value::ValueType,
};
use crate::{
    intern::Text,
    metrics::{
        number::{milliseconds, named_number},
        tsdb::is_label_name,
    },
};

/// How deep an expression may nest: the parser and the evaluation call themselves.
const MAX_DEPTH: usize = 100;

/// The longest query, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Reads a query.
pub(crate) fn parse(text: &str) -> Result<Expr, ParseError> {
    let mut parser = Parser::new(text)?;
    if parser.peek() == &Token::End {
        return Err(parser.error("no expression found in input"));
    }
    let expr = parser.expression(0)?;
    parser.end()?;
    Ok(expr)
}

/// Reads a selector and nothing else, as `match[]` has it.
pub(crate) fn parse_selector(text: &str) -> Result<Selector, ParseError> {
    match parse(text)? {
        Expr::Selector(selector) => Ok(selector),
        _ => Err(ParseError::new(0, "expected a vector selector")),
    }
}

#[derive(Debug)]
struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    depth: usize,
    /// How many patterns the query has had so far.
    patterns: usize,
}

impl Parser {
    fn new(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::new(0, "the query is longer than 64 KiB"));
        }
        Ok(Self {
            tokens: tokens(text)?,
            next: 0,
            depth: 0,
            patterns: 0,
        })
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> usize {
        self.tokens[self.next].1
    }

    /// Takes the next word; after the last one, always [`Token::End`].
    fn advance(&mut self) -> Token {
        let token = self.tokens[self.next].0.clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes the next word if it is this one.
    fn takes(&mut self, symbol: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Symbol(next) if *next == symbol);
        if is_it {
            self.advance();
        }
        is_it
    }

    /// Takes the next word if it is this name, in capitals or not.
    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Name(name) if name.eq_ignore_ascii_case(word));
        if is_it {
            self.advance();
        }
        is_it
    }

    fn expect(&mut self, symbol: &str) -> Result<(), ParseError> {
        if self.takes(symbol) {
            return Ok(());
        }
        Err(self.unexpected(&format!("{symbol:?}")))
    }

    fn end(&self) -> Result<(), ParseError> {
        if self.peek() == &Token::End {
            return Ok(());
        }
        Err(self.unexpected("the end"))
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(self.at(), message)
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = match self.peek() {
            Token::Name(name) => format!("identifier {name:?}"),
            Token::Number(number) => format!("number {number}"),
            Token::Duration(ms) => format!("duration of {ms} ms"),
            Token::Text(text) => format!("string {text:?}"),
            Token::Symbol(symbol) => format!("{symbol:?}"),
            Token::End => "end of input".to_owned(),
        };
        self.error(format!("unexpected {found}, expected {wanted}"))
    }

    fn text(&mut self) -> Result<String, ParseError> {
        match self.peek() {
            Token::Text(_) => match self.advance() {
                Token::Text(text) => Ok(text),
                _ => unreachable!("it is what was peeked at"),
            },
            _ => Err(self.unexpected("string")),
        }
    }

    /// A time in milliseconds: `5m`, or a number of seconds.
    fn duration(&mut self) -> Result<i64, ParseError> {
        let ms = match self.peek() {
            Token::Duration(ms) => Some(*ms),
            Token::Number(seconds) => milliseconds(*seconds),
            _ => None,
        };
        let ms = ms.filter(|ms| *ms <= MAX_MS);
        let ms = ms.ok_or_else(|| self.unexpected("duration"))?;
        self.advance();
        Ok(ms)
    }

    /// `(a, b)`
    fn label_names(&mut self) -> Result<Vec<Text>, ParseError> {
        self.expect("(")?;
        let mut names = Vec::new();
        while !self.takes(")") {
            match self.peek() {
                Token::Name(name) if named_number(name).is_none() => {
                    names.push(name.as_str().into());
                }
                Token::Text(name) if is_label_name(name) => names.push(name.as_str().into()),
                _ => return Err(self.unexpected("label name")),
            }
            self.advance();
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(names)
    }

    /// Refuses an expression that does not have the wanted type.
    fn check(&self, expr: &Expr, wanted: ValueType, place: &str) -> Result<(), ParseError> {
        let found = expr.value_type();
        if found == wanted {
            return Ok(());
        }
        Err(self.wrong_type(wanted, place, found))
    }

    fn wrong_type(&self, wanted: ValueType, place: &str, found: ValueType) -> ParseError {
        self.error(format!("expected type {wanted} in {place}, got {found}"))
    }
}
