//! The operators that stand between two expressions.

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Arithmetic(Arithmetic),
    Comparison(Comparison),
    Set(Set),
}

/// Between two numbers, with a number as result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Atan2,
    Power,
}

/// Between two numbers: drops values for which it is false or, with `bool`, results in 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Between two vectors, by their labels alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    And,
    Or,
    Unless,
}

/// The operators as they are written.
const OPERATORS: [(&str, Operator); 16] = [
    ("or", Operator::Set(Set::Or)),
    ("and", Operator::Set(Set::And)),
    ("unless", Operator::Set(Set::Unless)),
    ("==", Operator::Comparison(Comparison::Equal)),
    ("!=", Operator::Comparison(Comparison::NotEqual)),
    ("<=", Operator::Comparison(Comparison::LessOrEqual)),
    ("<", Operator::Comparison(Comparison::Less)),
    (">=", Operator::Comparison(Comparison::GreaterOrEqual)),
    (">", Operator::Comparison(Comparison::Greater)),
    ("+", Operator::Arithmetic(Arithmetic::Add)),
    ("-", Operator::Arithmetic(Arithmetic::Subtract)),
    ("*", Operator::Arithmetic(Arithmetic::Multiply)),
    ("/", Operator::Arithmetic(Arithmetic::Divide)),
    ("%", Operator::Arithmetic(Arithmetic::Modulo)),
    ("atan2", Operator::Arithmetic(Arithmetic::Atan2)),
    ("^", Operator::POWER),
];

impl Operator {
    /// The one that binds tightest, and the only one that groups from the right: `2 ^ 3 ^ 2` is
    /// `2 ^ 9`.
    pub(super) const POWER: Self = Self::Arithmetic(Arithmetic::Power);

    /// The operator that is written so, in capitals or not.
    pub(super) fn named(word: &str) -> Option<Self> {
        let mut operators = OPERATORS.iter();
        let found = operators.find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, operator)| *operator)
    }

    pub(super) fn name(self) -> &'static str {
        let found = OPERATORS.iter().find(|(_, operator)| *operator == self);
        found.map_or("", |(name, _)| name)
    }

    /// How tightly it binds: a larger number before a smaller one.
    pub(super) fn precedence(self) -> u8 {
        match self {
            Self::Set(Set::Or) => 1,
            Self::Set(Set::And | Set::Unless) => 2,
            Self::Comparison(_) => 3,
            Self::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => 4,
            Self::Arithmetic(Arithmetic::Power) => 6,
            Self::Arithmetic(_) => 5,
        }
    }
}

impl Arithmetic {
    pub(super) fn compute(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Modulo => left % right,
            Self::Atan2 => left.atan2(right),
            Self::Power => left.powf(right),
        }
    }
}

impl Comparison {
    #[expect(clippy::float_cmp, reason = "the query asks for exactly this")]
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}
