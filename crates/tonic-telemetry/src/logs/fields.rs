use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};

use crate::secrets;

/// The message of an event, and its other fields; or the fields of a span.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) message: String,
    /// The target of a record of the `log` crate, which `tracing` has only as a field.
    pub(super) log_target: Option<String>,
    pub(super) others: Vec<(&'static str, Value)>,
}

/// A value, with its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    /// A finite number: JSON can write neither infinity nor NaN.
    Float(f64),
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(formatter, "{value}"),
            Self::Integer(value) => write!(formatter, "{value}"),
            Self::Unsigned(value) => write!(formatter, "{value}"),
            Self::Float(value) => write!(formatter, "{value}"),
            Self::Text(value) => formatter.write_str(value),
        }
    }
}

impl Fields {
    /// The fields of an event.
    pub(super) fn of(event: &tracing::Event<'_>) -> Self {
        let mut fields = Self::default();
        event.record(&mut fields);
        fields
    }

    /// Adds the fields of `around` whose names are not here yet.
    pub(super) fn add_missing(&mut self, around: &Self) {
        for (name, value) in &around.others {
            if self.others.iter().all(|(known, _)| known != name) {
                self.others.push((name, value.clone()));
            }
        }
    }

    /// The target of the event.
    pub(super) fn target<'a>(&'a self, event: &tracing::Event<'a>) -> &'a str {
        self.log_target
            .as_deref()
            .unwrap_or(event.metadata().target())
    }

    fn text(&mut self, field: &Field, value: &str) {
        let value = secrets::hide(value).into_owned();
        match field.name() {
            "message" => self.message = value,
            "log.target" => self.log_target = Some(value),
            _ => self.add(field, Value::Text(value)),
        }
    }

    fn add(&mut self, field: &Field, value: Value) {
        // The other fields with the origin of a record of the `log` crate.
        if field.name().starts_with("log.") {
            return;
        }
        let hidden = || Value::Text(secrets::HIDDEN.to_owned());
        let value = if secrets::is_secret(field.name()) {
            hidden()
        } else {
            value
        };
        self.others.push((field.name(), value));
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.add(field, Value::Float(value));
        } else {
            self.text(field, &value.to_string());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Unsigned(value));
    }

    /// The type of `Duration::as_millis`: written as a number, not as text, where it fits.
    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.add(field, Value::Unsigned(value)),
            Err(_) => self.text(field, &value.to_string()),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Boolean(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
