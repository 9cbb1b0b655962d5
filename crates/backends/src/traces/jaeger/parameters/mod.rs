//! Reads the query parameters of the API.

mod duration;
mod tags;

use std::{borrow::Cow, str::FromStr, time::Duration};

use crate::traces::model::SpanKind;
pub(crate) use duration::parse_duration;
pub(crate) use tags::{parse_tag, parse_tags};

/// Each request may have this parameter: it changes only the layout of the answer.
const PRETTY_PRINT: &str = "prettyPrint";

/// A query parameter that cannot be read: its name, its value, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter {name}={value:?} is not {expected}")]
pub(crate) struct BadParameter {
    pub(crate) name: Cow<'static, str>,
    pub(crate) value: String,
    /// With an example, as "a duration like 1.5ms".
    pub(crate) expected: Cow<'static, str>,
}

/// The parameters of one request, in order.
///
/// An empty value counts as absent, as the UI's forms send it.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

/// The time now in nanoseconds since 1970, in place of times that a request leaves out.
pub(crate) fn now() -> u64 {
    u64::try_from(crate::time::now().as_nanos()).unwrap_or(u64::MAX)
}

impl Parameters {
    /// Takes those with one of the names `single` and `repeated`.
    ///
    /// # Errors
    ///
    /// [`BadParameter`] for another name, and for a single one with two values: if one were
    /// ignored, the client would not notice.
    pub(crate) fn read(
        pairs: Vec<(String, String)>,
        single: &[&str],
        repeated: &[&str],
    ) -> Result<Self, BadParameter> {
        let mut parameters = Self::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            let refuse = |expected: String| BadParameter {
                name: name.clone().into(),
                value: value.clone(),
                expected: expected.into(),
            };
            if repeated.contains(&&*name) {
                parameters.0.push((name, value));
                continue;
            }
            if !single.contains(&&*name) && name != PRETTY_PRINT {
                let known = [single, repeated].concat();
                return Err(refuse(format!("one of {}", known.join(", "))));
            }
            match parameters.text(&name) {
                Some(earlier) if earlier != value => {
                    return Err(refuse("the only value of its name".to_owned()));
                }
                _ => parameters.0.push((name, value)),
            }
        }
        Ok(parameters)
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A number, or `None` if it is absent.
    pub(crate) fn number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, BadParameter> {
        self.one(name, "a number in range", |text| text.parse().ok())
    }

    /// A duration as Go writes it.
    pub(crate) fn duration(&self, name: &'static str) -> Result<Option<Duration>, BadParameter> {
        self.one(name, "a duration like 1.5ms or 1h30m", parse_duration)
    }

    /// `true` or `false`, in all the ways that Go reads them; `false` if it is absent.
    pub(crate) fn switch(&self, name: &'static str) -> Result<bool, BadParameter> {
        let read = |text: &str| match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        };
        Ok(self.one(name, "true or false", read)?.unwrap_or(false))
    }

    /// The kind of a span, or `None` if it is absent.
    pub(crate) fn kind(&self, name: &'static str) -> Result<Option<SpanKind>, BadParameter> {
        self.one(name, KIND, SpanKind::from_name)
    }

    /// Kinds of spans; none if the parameter is absent.
    pub(crate) fn kinds(&self, name: &'static str) -> Result<Vec<SpanKind>, BadParameter> {
        self.each(name, KIND, SpanKind::from_name)
    }

    pub(crate) fn one<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadParameter> {
        let first = self
            .text(name)
            .map(|text| read(name, text, expected, &parse));
        first.transpose()
    }

    pub(crate) fn each<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, BadParameter> {
        let all = self
            .all(name)
            .map(|text| read(name, text, expected, &parse));
        all.collect()
    }
}

const KIND: &str = "one of unspecified, internal, server, client, producer, consumer";

fn read<T>(
    name: &'static str,
    text: &str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, BadParameter> {
    parse(text).ok_or_else(|| BadParameter {
        name: name.into(),
        value: text.to_owned(),
        expected: expected.into(),
    })
}
