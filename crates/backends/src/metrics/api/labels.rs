//! `/labels`, `/label/{name}/values` and `/series`: the labels and series in the store.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{parameters::Parameters, reply::Failure, state::Api};
use crate::metrics::tsdb::Labels;

/// The names of all labels.
pub(super) async fn names(
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    of_series(api, &parameters, |found| {
        let names = found.iter().flat_map(Labels::iter);
        names
            .map(|(name, _)| name.to_string())
            .collect::<BTreeSet<_>>()
    })
    .await
}

/// The values of one label.
pub(super) async fn values(
    State(api): State<Api>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let name = unescaped(&name).unwrap_or(name);
    of_series(api, &parameters, move |found| {
        let values = found.iter().map(|labels| labels.get(&name).to_owned());
        let values = values.filter(|value| !value.is_empty());
        values.collect::<BTreeSet<_>>()
    })
    .await
}

/// Decodes `U__label_2e_name`, Prometheus' escaping of a name in a place where not every character
/// is allowed: `__` is an underscore, and `_2e_` the character with this code point.
fn unescaped(name: &str) -> Option<String> {
    let mut rest = name.strip_prefix("U__")?;
    let mut unescaped = String::new();
    while let Some((before, after)) = rest.split_once('_') {
        unescaped.push_str(before);
        let (code, after) = after.split_once('_')?;
        unescaped.push(match code {
            "" => '_',
            _ => char::from_u32(u32::from_str_radix(code, 16).ok()?)?,
        });
        rest = after;
    }
    Some(unescaped + rest)
}

/// The series that one of `match[]` lets through.
pub(super) async fn series(
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    if parameters.all("match[]").next().is_none() {
        return Err(Failure::bad_data("no match[] parameter provided"));
    }
    of_series(api, &parameters, |found| found).await
}

/// An answer made of the series that pass any `match[]`, or of all series without `match[]`.
async fn of_series<T: Serialize>(
    api: Api,
    parameters: &Parameters,
    answer: impl FnOnce(Vec<Labels>) -> T + Send + 'static,
) -> Result<Response, Failure> {
    let (from, to) = parameters.span()?;
    let mut selectors = parameters.selectors()?;
    if selectors.is_empty() {
        selectors.push(Vec::new());
    }
    api.admission
        .run(api.tsdb, None, move |tsdb, budget| {
            let found = tsdb.samples.labels(&selectors, from, to, budget)?;
            Ok(answer(found))
        })
        .await
}
