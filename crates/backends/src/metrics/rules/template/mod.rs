//! The part of Go's templates that our annotations use.
//!
//! ```text
//!   {{ $labels.job }}  {{ $value | humanize }}  {{ or $labels.a $labels.b }}
//!   {{ with $labels.instance }} ({{ . }}){{ end }}
//! ```

mod humanize;
mod value;

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use crate::metrics::tsdb::Labels;
use value::{Scope, Value};

/// A text with places to fill in.
#[derive(Clone, Debug)]
pub(super) struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Place(Value),
    /// A part that is shown only if the value is not empty. Inside, the value is `.`.
    With(Value, Vec<Part>),
}

/// A text that is no template.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the template at {place:?}")]
pub(super) struct TemplateError {
    place: String,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let bad = |place: &str| TemplateError {
            place: place.to_owned(),
        };
        let (parts, rest) = parts(text, false).map_err(bad)?;
        if !rest.is_empty() {
            return Err(bad(rest));
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// Fills in the labels and the value of an alert.
    pub(super) fn expand(&self, labels: &Labels, value: f64) -> String {
        let mut out = String::new();
        let scope = Scope {
            labels,
            value,
            dot: "",
        };
        expand(&self.parts, scope, &mut out);
        out
    }
}

/// As it was written.
impl Display for Template {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Templates as the rule file has them.
pub(super) fn texts(templates: &BTreeMap<String, Template>) -> BTreeMap<String, String> {
    let texts = templates.iter();
    texts
        .map(|(key, template)| (key.clone(), template.to_string()))
        .collect()
}

fn expand(parts: &[Part], scope: Scope, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Place(value) => out.push_str(&value.text(scope)),
            Part::With(value, inner) => {
                let text = value.text(scope);
                if !text.is_empty() {
                    expand(
                        inner,
                        Scope {
                            dot: &text,
                            ..scope
                        },
                        out,
                    );
                }
            }
        }
    }
}

/// The parts up to the end, or to the `{{ end }}` of a block; and what follows it.
fn parts(mut text: &str, is_inner: bool) -> Result<(Vec<Part>, &str), &str> {
    let mut parts = Vec::new();
    while let Some((before, after)) = text.split_once("{{") {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let (action, rest) = after.split_once("}}").ok_or(after)?;
        let action = action.trim();
        text = rest;
        if action == "end" {
            return if is_inner {
                Ok((parts, rest))
            } else {
                Err(action)
            };
        }
        if let Some(value) = action.strip_prefix("with ") {
            let (inner, rest) = self::parts(rest, true)?;
            parts.push(Part::With(Value::parse(value).ok_or(value)?, inner));
            text = rest;
        } else {
            parts.push(Part::Place(Value::parse(action).ok_or(action)?));
        }
    }
    if is_inner {
        return Err(text);
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok((parts, ""))
}

#[cfg(test)]
mod tests {
    use super::{Labels, Template};

    fn expand(text: &str) -> String {
        let labels = Labels::from_iter([("job", "services"), ("instance", "a:1")]);
        Template::parse(text).unwrap().expand(&labels, 0.125)
    }

    #[test]
    fn labels_and_the_value_are_filled_in() {
        let text = "{{ or $labels.service_name $labels.job }}{{ with $labels.instance }} \
                    ({{ . }}){{ end }} fails {{ $value | humanizePercentage }}";
        assert_eq!(expand(text), "services (a:1) fails 12.5%");
        assert_eq!(expand("a{{ with $labels.none }} {{ . }}{{ end }}b"), "ab");
        assert_eq!(expand("{{$value}} of {{ $labels.none }}"), "0.125 of ");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in [
            "{{ $label.x }}",
            "{{ end }}",
            "{{ with . }}",
            "{{ $value | round }}",
            "{{ ",
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
