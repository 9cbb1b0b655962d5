//! What a request asks for, in its URL and in its form.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, header::CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;

use super::reply::Failure;
use crate::metrics::{
    number::milliseconds,
    promql::{Expr, parse, parse_duration, parse_selector},
    time::parse_moment,
    tsdb::{MAX_PATTERNS, Matcher},
};

/// The most `match[]` of one request.
const MAX_SELECTORS: usize = 100;

/// The content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of one request, in order; a name may be there more than once. Those of a form
/// come before those of the URL. A body that is no form is ignored, as in Go's `net/http`.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let mut pairs = Vec::new();
        if request.method() == Method::POST && is_form(request.headers()) {
            let form = Bytes::from_request(request, state).await;
            let form = form.map_err(|error| Failure::bad_data(error.body_text()))?;
            pairs.extend(form_pairs(&String::from_utf8_lossy(&form)));
        }
        pairs.extend(form_pairs(&query));
        Ok(Self(pairs))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = kind.and_then(|it| it.split(';').next());
    kind.is_some_and(|it| it.trim().eq_ignore_ascii_case(FORM))
}

/// `a=b&c=d`, decoded.
fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

impl Parameters {
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.0.iter().filter(move |(key, _)| key == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// Empty counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|text| !text.is_empty())
    }

    /// Yes or no, as Go reads it; no if it is absent.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.text(name).unwrap_or("false") {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
            text => Err(Failure::parameter(
                name,
                format!("{text:?} is not a boolean"),
            )),
        }
    }

    /// The parameter `query`, parsed.
    pub(super) fn query(&self) -> Result<Expr, Failure> {
        let text = self.text("query").unwrap_or_default();
        parse(text).map_err(|error| Failure::parameter("query", error))
    }

    /// A moment in milliseconds since 1970, or `None` if it is absent.
    pub(super) fn moment(&self, name: &str) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let bad = || {
            let reason = format!("cannot parse {text:?} to a valid timestamp");
            Failure::parameter(name, reason)
        };
        parse_moment(text).map(Some).ok_or_else(bad)
    }

    /// A moment that has to be there.
    pub(super) fn required_moment(&self, name: &str) -> Result<i64, Failure> {
        let missing = || Failure::parameter(name, "cannot parse \"\" to a valid timestamp");
        self.moment(name)?.ok_or_else(missing)
    }

    /// Milliseconds, given as seconds or as `1m30s`; or `None` if it is absent.
    pub(super) fn duration(&self, name: &str) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let seconds = text.parse().ok().and_then(milliseconds);
        let bad = || {
            let reason = format!("cannot parse {text:?} to a valid duration");
            Failure::parameter(name, reason)
        };
        seconds
            .or_else(|| parse_duration(text))
            .map(Some)
            .ok_or_else(bad)
    }

    /// How long the evaluation may take, or `None` if it is absent.
    pub(super) fn timeout(&self) -> Result<Option<Duration>, Failure> {
        let asked = self.duration("timeout")?;
        let asked = asked.and_then(|ms| u64::try_from(ms).ok());
        Ok(asked.map(Duration::from_millis))
    }

    /// All parameters `match[]`, parsed; empty when there are none.
    pub(super) fn selectors(&self) -> Result<Vec<Vec<Matcher>>, Failure> {
        let mut selectors = Vec::new();
        let mut patterns = 0;
        for text in self.all("match[]") {
            let selector = parse_selector(text);
            let selector = selector.map_err(|error| Failure::parameter("match[]", error))?;
            let of_selector = selector.matchers.iter().filter(|it| it.is_pattern());
            patterns += of_selector.count();
            if selectors.len() == MAX_SELECTORS || patterns > MAX_PATTERNS {
                let reason =
                    format!("there may be {MAX_SELECTORS} selectors with {MAX_PATTERNS} patterns");
                return Err(Failure::parameter("match[]", reason));
            }
            selectors.push(selector.matchers);
        }
        Ok(selectors)
    }

    /// `start` and `end`; all of time, where they are absent.
    pub(super) fn span(&self) -> Result<(i64, i64), Failure> {
        let start = self.moment("start")?.unwrap_or(i64::MIN);
        let end = self.moment("end")?.unwrap_or(i64::MAX);
        if end < start {
            let reason = "end timestamp must not be before start time";
            return Err(Failure::parameter("end", reason));
        }
        Ok((start, end))
    }
}
