//! `rate(…)`

use super::Parser;
use crate::metrics::promql::{
    ast::Expr,
    error::ParseError,
    function::{self, Function},
};

impl Parser {
    /// The arguments of a function, from the bracket on.
    pub(super) fn call(&mut self, name: &str, at: usize) -> Result<Expr, ParseError> {
        let unknown = || ParseError::new(at, format!("unknown function with name {name:?}"));
        let function = function::named(name).ok_or_else(unknown)?;
        let arguments = self.arguments()?;
        check_count(function, arguments.len(), at)?;
        let place = format!("call to function {name:?}");
        for (index, argument) in arguments.iter().enumerate() {
            let last = function.takes.len() - 1;
            self.check(argument, function.takes[index.min(last)], &place)?;
        }
        Ok(Expr::Call(function, arguments))
    }

    /// `(a, b)`
    pub(super) fn arguments(&mut self) -> Result<Vec<Expr>, ParseError> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        if self.takes(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if self.takes(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }
}

fn check_count(function: &Function, given: usize, at: usize) -> Result<(), ParseError> {
    let most = function.takes.len();
    let least = most - function.optional;
    let range = if function.variadic {
        least..=usize::MAX
    } else {
        least..=most
    };
    if range.contains(&given) {
        return Ok(());
    }
    let name = function.name;
    let wanted = match (function.variadic, function.optional) {
        (false, 0) => format!("{most}"),
        _ if given < least => format!("at least {least}"),
        _ => format!("at most {most}"),
    };
    let message = format!("expected {wanted} argument(s) in call to {name:?}, got {given}");
    Err(ParseError::new(at, message))
}
