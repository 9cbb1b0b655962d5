//! `/labels`, `/label/{name}/values` and `/series`: what there is to ask for.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{
    parameters::Parameters,
    reply::Failure,
    turn::{MAX_TIME, in_turn},
};
use crate::prometheus::{
    Prometheus,
    labels::{Labels, is_label_name},
};

/// The names of all labels.
pub(super) async fn names(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    of_series(prometheus, &parameters, |found| {
        let names = found.iter().flat_map(Labels::iter);
        names
            .map(|(name, _)| name.to_string())
            .collect::<BTreeSet<_>>()
    })
    .await
}

/// The values of one label.
pub(super) async fn values(
    State(prometheus): State<Prometheus>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    if !is_label_name(&name) {
        return Err(Failure::bad_data(format!("invalid label name: {name:?}")));
    }
    of_series(prometheus, &parameters, move |found| {
        let values = found.iter().map(|labels| labels.get(&name).to_owned());
        let values = values.filter(|value| !value.is_empty());
        values.collect::<BTreeSet<_>>()
    })
    .await
}

/// The series that one of `match[]` lets through.
pub(super) async fn series(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    if parameters.all("match[]").next().is_none() {
        return Err(Failure::bad_data("no match[] parameter provided"));
    }
    of_series(prometheus, &parameters, |found| found).await
}

/// An answer made of the series that any of `match[]` lets through, or of all if there is none.
async fn of_series<T: Serialize>(
    prometheus: Prometheus,
    parameters: &Parameters,
    answer: impl FnOnce(Vec<Labels>) -> T + Send + 'static,
) -> Result<Response, Failure> {
    let (from, to) = parameters.span()?;
    let mut selectors = parameters.selectors()?;
    if selectors.is_empty() {
        selectors.push(Vec::new());
    }
    in_turn(prometheus, MAX_TIME, move |prometheus, budget| {
        let samples = &prometheus.scraper.samples;
        samples.labels(&selectors, from, to, budget).map(answer)
    })
    .await
}
