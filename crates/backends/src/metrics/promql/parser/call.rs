//! `rate(…)` and `sum by (job) (…)`

use super::Parser;
use crate::metrics::promql::{
    ast::{Aggregate, Aggregation, Expr, Fold, Grouping},
    error::ParseError,
    function::{self, Function},
    token::Token,
    value::ValueType,
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

/// What stands before the expression of an aggregation.
#[derive(Clone, Copy)]
pub(super) enum Parameter {
    None(Fold),
    Scalar(fn(Expr) -> Aggregation),
    Label,
}

const AGGREGATIONS: [(&str, Parameter); 12] = [
    ("sum", Parameter::None(Fold::Sum)),
    ("avg", Parameter::None(Fold::Avg)),
    ("min", Parameter::None(Fold::Min)),
    ("max", Parameter::None(Fold::Max)),
    ("count", Parameter::None(Fold::Count)),
    ("group", Parameter::None(Fold::Group)),
    ("stddev", Parameter::None(Fold::Stddev)),
    ("stdvar", Parameter::None(Fold::Stdvar)),
    ("topk", Parameter::Scalar(Aggregation::Topk)),
    ("bottomk", Parameter::Scalar(Aggregation::Bottomk)),
    ("quantile", Parameter::Scalar(Aggregation::Quantile)),
    ("count_values", Parameter::Label),
];

impl Parser {
    /// The aggregation that begins here; a metric may have the same name.
    pub(super) fn aggregation(&self) -> Option<Parameter> {
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
        let mut known = AGGREGATIONS.iter();
        let found = known.find(|(known, _)| follows && known.eq_ignore_ascii_case(name));
        found.map(|(_, parameter)| *parameter)
    }

    pub(super) fn aggregate(&mut self, parameter: Parameter) -> Result<Expr, ParseError> {
        let at = self.at();
        self.advance();
        let before = self.grouping()?;
        let mut arguments = self.arguments()?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or(Grouping::By(Vec::new())),
        };
        let wanted = match parameter {
            Parameter::None(_) => 1,
            Parameter::Scalar(_) | Parameter::Label => 2,
        };
        let given = arguments.len();
        if given != wanted {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {wanted}, \
                 got {given}"
            );
            return Err(ParseError::new(at, message));
        }
        let expr = arguments.pop().expect("they have been counted");
        self.check(&expr, ValueType::Vector, "aggregation expression")?;
        let aggregation = self.with_parameter(parameter, arguments.pop())?;
        Ok(Expr::Aggregate(Box::new(Aggregate {
            aggregation,
            expr,
            grouping,
        })))
    }

    fn with_parameter(
        &self,
        parameter: Parameter,
        given: Option<Expr>,
    ) -> Result<Aggregation, ParseError> {
        let place = "aggregation parameter";
        match (parameter, given) {
            (Parameter::None(fold), _) => Ok(Aggregation::Fold(fold)),
            (Parameter::Label, Some(Expr::String(label))) => Ok(Aggregation::CountValues(label)),
            (Parameter::Scalar(aggregation), Some(expr)) => {
                self.check(&expr, ValueType::Scalar, place)?;
                Ok(aggregation(expr))
            }
            (_, given) => {
                let given = given.map_or(ValueType::Scalar, |expr| expr.value_type());
                Err(self.wrong_type(ValueType::String, place, given))
            }
        }
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
