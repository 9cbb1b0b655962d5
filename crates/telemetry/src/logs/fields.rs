use std::fmt::Debug;

use tracing::field::{Field, Visit};

use super::secrets;

/// The message of an event, and its other fields as text or bare JSON values.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) message: String,
    /// Where a record of the `log` crate is from; `tracing` knows it only as a field.
    pub(super) log_target: Option<String>,
    pub(super) others: Vec<(&'static str, Value)>,
}

/// A value, as it is written.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    /// A number or a boolean: written as it is.
    Bare(String),
    /// Text: quoted and escaped.
    Text(String),
}

impl Fields {
    fn bare(&mut self, field: &Field, value: String) {
        self.add(field, Value::Bare(value));
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
        if field.name().starts_with("log.") {
            return;
        }
        let hidden = || Value::Text("[hidden]".to_owned());
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
        // JSON has no infinity.
        if value.is_finite() {
            self.bare(field, value.to_string());
        } else {
            self.text(field, &value.to_string());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value.to_string());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
