//! `a + b`, `a / on (job) b`, `a or b`

use super::{MAX_DEPTH, Parser};
use crate::{
    intern::Text,
    metrics::promql::{
        ast::{Binary, Chain, Expr, Grouping, Many},
        error::ParseError,
        operator::Operator,
        token::Token,
        value::ValueType,
    },
};

impl Parser {
    /// An expression whose operators bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("the query nests too deep"));
        }
        let first = self.operand()?;
        let mut value_type = first.value_type();
        let mut rest = Vec::new();
        while let Some(operator) = self.operator().filter(|it| it.precedence() >= least) {
            let at = self.at();
            self.advance();
            let mut binary = self.modifiers(operator)?;
            // What stands to the right of an operator binds tighter, so `a - b - c` is `(a - b) - c`.
            let groups_from_left = operator != Operator::POWER;
            binary.right = self.expression(operator.precedence() + u8::from(groups_from_left))?;
            value_type = checked(value_type, &binary, at)?;
            rest.push(binary);
        }
        self.depth -= 1;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expr::Chain(Box::new(Chain {
            first,
            rest,
            value_type,
        })))
    }

    fn operator(&self) -> Option<Operator> {
        match self.peek() {
            Token::Symbol(symbol) => Operator::named(symbol),
            Token::Name(name) => Operator::named(name),
            _ => None,
        }
    }

    /// `bool`, `on (…)`, `ignoring (…)`, `group_left (…)`, `group_right (…)`; the right side is
    /// filled in later.
    fn modifiers(&mut self, operator: Operator) -> Result<Binary, ParseError> {
        let at = self.at();
        let returns_bool = self.takes_word("bool");
        if returns_bool && !matches!(operator, Operator::Comparison(_)) {
            let message = "bool modifier can only be used on comparison operators";
            return Err(ParseError::new(at, message));
        }
        let labels = if self.takes_word("on") {
            Some(Grouping::By(self.label_names()?))
        } else if self.takes_word("ignoring") {
            Some(Grouping::Without(self.label_names()?))
        } else {
            None
        };
        let at = self.at();
        let many = if labels.is_none() {
            Many::Neither
        } else if self.takes_word("group_left") {
            Many::Left(self.included()?)
        } else if self.takes_word("group_right") {
            Many::Right(self.included()?)
        } else {
            Many::Neither
        };
        let binary = Binary {
            operator,
            right: Expr::Number(f64::NAN),
            returns_bool,
            labels: labels.unwrap_or(Grouping::Without(Vec::new())),
            many,
        };
        check_many(&binary, at)?;
        Ok(binary)
    }

    fn included(&mut self) -> Result<Vec<Text>, ParseError> {
        if matches!(self.peek(), Token::Symbol("(")) {
            self.label_names()
        } else {
            Ok(Vec::new())
        }
    }
}

fn check_many(binary: &Binary, at: usize) -> Result<(), ParseError> {
    let Binary { operator, .. } = binary;
    let (Many::Left(included) | Many::Right(included)) = &binary.many else {
        return Ok(());
    };
    if let Grouping::By(names) = &binary.labels
        && let Some(name) = names.iter().find(|name| included.contains(name))
    {
        let message = format!("label {name:?} must not occur in ON and GROUP clause at once");
        return Err(ParseError::new(at, message));
    }
    if matches!(operator, Operator::Set(_)) {
        let message = format!("no grouping allowed for {:?} operation", operator.name());
        return Err(ParseError::new(at, message));
    }
    Ok(())
}

/// The type of the result, if the operator takes the types of both sides.
fn checked(left: ValueType, binary: &Binary, at: usize) -> Result<ValueType, ParseError> {
    let types = [left, binary.right.value_type()];
    let error = |message: &str| Err(ParseError::new(at, message));
    if types
        .iter()
        .any(|it| matches!(it, ValueType::String | ValueType::Matrix))
    {
        return error("binary expression must contain only scalar and instant vector types");
    }
    let has_scalar = types.contains(&ValueType::Scalar);
    if has_scalar && matches!(binary.operator, Operator::Set(_)) {
        let operator = binary.operator.name();
        return error(&format!(
            "set operator {operator:?} not allowed in binary scalar expression"
        ));
    }
    let (Grouping::By(names) | Grouping::Without(names)) = &binary.labels;
    if has_scalar && !names.is_empty() {
        return error("vector matching only allowed between instant vectors");
    }
    let is_comparison = matches!(binary.operator, Operator::Comparison(_));
    if types == [ValueType::Scalar; 2] && is_comparison && !binary.returns_bool {
        return error("comparisons between scalars must use BOOL modifier");
    }
    Ok(if types == [ValueType::Scalar; 2] {
        ValueType::Scalar
    } else {
        ValueType::Vector
    })
}
