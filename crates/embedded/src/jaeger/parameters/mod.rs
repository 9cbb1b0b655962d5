//! Reads the query parameters of the API.

mod duration;
mod tags;

use std::{str::FromStr, time::Duration};

use super::bad_parameter::BadParameter;
pub(crate) use duration::parse_duration;
pub(crate) use tags::parse_tags;

/// The parameters of one request, in order; a name may be there more than once.
///
/// An empty value counts as absent, as the UI's forms send it.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A number, or `None` if it is absent.
    pub(crate) fn number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, BadParameter> {
        self.read(name, "a number in range", |text| text.parse().ok())
    }

    /// A duration as Go writes it.
    pub(crate) fn duration(&self, name: &'static str) -> Result<Option<Duration>, BadParameter> {
        self.read(name, "a duration like 1.5ms or 1h30m", parse_duration)
    }

    pub(crate) fn read<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, BadParameter> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        parse(text).map(Some).ok_or_else(|| BadParameter {
            name,
            value: text.to_owned(),
            expected,
        })
    }
}
