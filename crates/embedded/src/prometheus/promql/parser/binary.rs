//! `a + b`, `a / on (job) b`, `a or b`

use super::Parser;
use crate::{
    prometheus::promql::{
        ast::{Binary, Expr, Grouping, Kind, Many},
        error::ParseError,
        token::Token,
    },
    span::Text,
};

/// The operators, and how tightly each binds.
const OPERATORS: [(&str, u8); 15] = [
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
        let mut left = self.operand()?;
        while let Some((operator, binds)) = self.operator().filter(|(_, binds)| *binds >= least) {
            let at = self.at();
            self.advance();
            let mut binary = self.modifiers(operator, left)?;
            binary.right = self.expression(if binds == POWER { binds } else { binds + 1 })?;
            check(&binary, at)?;
            left = Expr::Binary(Box::new(binary));
            // A chain of operators nests as deep as it is long.
            self.depth += 1;
            if self.depth > super::MAX_DEPTH {
                return Err(self.error("the query nests too deep"));
            }
        }
        self.depth -= 1;
        Ok(left)
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
    fn modifiers(&mut self, operator: &'static str, left: Expr) -> Result<Binary, ParseError> {
        let at = self.at();
        let returns_bool = self.takes_word("bool");
        if returns_bool && !is_comparison(operator) {
            let message = "bool modifier can only be used on comparison operators";
            return Err(ParseError::new(at, message));
        }
        let labels = if self.takes_word("on") {
            Grouping::By(self.label_names()?)
        } else if self.takes_word("ignoring") {
            Grouping::Without(self.label_names()?)
        } else {
            Grouping::Without(Vec::new())
        };
        let at = self.at();
        let many = if self.takes_word("group_left") {
            Many::Left(self.included()?)
        } else if self.takes_word("group_right") {
            Many::Right(self.included()?)
        } else {
            Many::Neither
        };
        if many != Many::Neither && is_set(operator) {
            let message = format!("no grouping allowed for {operator:?} operation");
            return Err(ParseError::new(at, message));
        }
        Ok(Binary {
            operator,
            left,
            right: Expr::Number(f64::NAN),
            returns_bool,
            labels,
            many,
        })
    }

    fn included(&mut self) -> Result<Vec<Text>, ParseError> {
        if matches!(self.peek(), Token::Symbol("(")) {
            self.label_names()
        } else {
            Ok(Vec::new())
        }
    }
}

fn check(binary: &Binary, at: usize) -> Result<(), ParseError> {
    let kinds = [binary.left.kind(), binary.right.kind()];
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
    let is_default = matches!(&binary.labels, Grouping::Without(names) if names.is_empty());
    if has_scalar && !(is_default && binary.many == Many::Neither) {
        return error("vector matching only allowed between instant vectors");
    }
    if kinds == [Kind::Scalar; 2] && is_comparison(binary.operator) && !binary.returns_bool {
        return error("comparisons between scalars must use BOOL modifier");
    }
    Ok(())
}
