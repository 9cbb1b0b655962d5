use super::humanize;
use crate::metrics::{
    number::{format_value, scientific},
    tsdb::Labels,
};

/// What fills a place.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// `$labels.NAME`
    Label(String),
    /// `$value`
    Number,
    /// `.`
    Dot,
    /// `or A B`: the first that is not empty.
    Or(Vec<Value>),
    /// `A | FUNCTION`
    Piped(Box<Value>, fn(f64) -> String),
}

/// What the places are filled from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) labels: &'a Labels,
    pub(super) value: f64,
    pub(super) dot: &'a str,
}

/// As Go's `%v` writes a number: with an exponent from a million up and from a ten-thousandth down.
fn general(value: f64) -> String {
    let magnitude = value.abs();
    let is_plain = value == 0.0 || (1e-4..1e6).contains(&magnitude) || !value.is_finite();
    if is_plain {
        format_value(value)
    } else {
        scientific(value)
    }
}

impl Value {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((value, function)) = text.rsplit_once('|') {
            let function = match function.trim() {
                "humanize" => humanize::humanize,
                "humanizePercentage" => humanize::percentage,
                "humanizeDuration" => humanize::duration,
                _ => return None,
            };
            return Some(Self::Piped(Box::new(Self::parse(value)?), function));
        }
        let text = text.trim();
        if let Some(words) = text.strip_prefix("or ") {
            let words = words.split_whitespace().map(Self::parse);
            return words.collect::<Option<_>>().map(Self::Or);
        }
        match text {
            "." => Some(Self::Dot),
            "$value" => Some(Self::Number),
            _ => {
                let label = text.strip_prefix("$labels.")?;
                let is_name = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                is_name.then(|| Self::Label(label.to_owned()))
            }
        }
    }

    pub(super) fn text(&self, scope: Scope) -> String {
        match self {
            Self::Label(name) => scope.labels.get(name).to_owned(),
            Self::Number => general(scope.value),
            Self::Dot => scope.dot.to_owned(),
            Self::Or(values) => {
                let mut texts = values.iter().map(|value| value.text(scope));
                texts.find(|text| !text.is_empty()).unwrap_or_default()
            }
            Self::Piped(value, function) => match value.text(scope).parse() {
                Ok(number) => function(number),
                Err(_) => value.text(scope),
            },
        }
    }
}
