//! `a + b`, `a / on (job) b`, `a or b`

use super::Parser;
use crate::{
    intern::Text,
    metrics::promql::{
        ast::{Binary, Chain, Expr, Grouping, Kind, Many},
        error::ParseError,
        token::Token,
    },
};

/// The operators, and how tightly each binds.
const OPERATORS: [(&str, u8); 16] = [
    ("or", 1),
    ("and", 2),
    ("unless", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 3),
    ("<", 3),
    (">=", 3),
    (">", 3),
    ("+", 4),
    ("-", 4),
    ("*", 5),
    ("/", 5),
    ("%", 5),
    ("atan2", 5),
    ("^", POWER),
];

/// The tightest, and the only one that groups from the right: `2 ^ 3 ^ 2` is `2 ^ 9`.
pub(super) const POWER: u8 = 6;

pub(super) fn is_set(operator: &str) -> bool {
    matches!(operator, "and" | "or" | "unless")
}

pub(super) fn is_comparison(operator: &str) -> bool {
    matches!(operator, "==" | "!=" | "<" | "<=" | ">" | ">=")
}

impl Parser {
    /// An expression whose operators bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > super::MAX_DEPTH {
            return Err(self.error("the query nests too deep"));
        }
        let first = self.operand()?;
        let mut kind = first.kind();
        let mut rest = Vec::new();
        while let Some((operator, binds)) = self.operator().filter(|(_, binds)| *binds >= least) {
            let at = self.at();
            self.advance();
            let mut binary = self.modifiers(operator)?;
            binary.right = self.expression(if binds == POWER { binds } else { binds + 1 })?;
            kind = checked(kind, &binary, at)?;
            rest.push(binary);
        }
        self.depth -= 1;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expr::Chain(Box::new(Chain { first, rest, kind })))
    }

    fn operator(&self) -> Option<(&'static str, u8)> {
        let word = match self.peek() {
            Token::Symbol(symbol) => symbol,
            Token::Name(name) => name.as_str(),
            _ => return None,
        };
        let found = OPERATORS.iter();
        found
            .copied()
            .find(|(operator, _)| operator.eq_ignore_ascii_case(word))
    }

    /// `bool`, `on (…)`, `ignoring (…)`, `group_left (…)`, `group_right (…)`; the right side is
    /// filled in later.
    fn modifiers(&mut self, operator: &'static str) -> Result<Binary, ParseError> {
        let at = self.at();
        let returns_bool = self.takes_word("bool");
        if returns_bool && !is_comparison(operator) {
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
    if is_set(operator) {
        let message = format!("no grouping allowed for {operator:?} operation");
        return Err(ParseError::new(at, message));
    }
    Ok(())
}

/// What the operator gives, if it takes what stands on its sides.
fn checked(left: Kind, binary: &Binary, at: usize) -> Result<Kind, ParseError> {
    let kinds = [left, binary.right.kind()];
    let error = |message: &str| Err(ParseError::new(at, message));
    if kinds
        .iter()
        .any(|it| matches!(it, Kind::Text | Kind::Range))
    {
        return error("binary expression must contain only scalar and instant vector types");
    }
    let has_scalar = kinds.contains(&Kind::Scalar);
    if has_scalar && is_set(binary.operator) {
        let operator = binary.operator;
        return error(&format!(
            "set operator {operator:?} not allowed in binary scalar expression"
        ));
    }
    let (Grouping::By(names) | Grouping::Without(names)) = &binary.labels;
    if has_scalar && !names.is_empty() {
        return error("vector matching only allowed between instant vectors");
    }
    if kinds == [Kind::Scalar; 2] && is_comparison(binary.operator) && !binary.returns_bool {
        return error("comparisons between scalars must use BOOL modifier");
    }
    Ok(if kinds == [Kind::Scalar; 2] {
        Kind::Scalar
    } else {
        Kind::Vector
    })
}
