//! `/labels`, `/label/{name}/values` and `/series`: what there is to ask for.

use std::collections::BTreeSet;

use axum::extract::{Path, State};

use super::{
    parameters::Parameters,
    reply::{Failure, Reply},
};
use crate::prometheus::{
    Prometheus,
    labels::{Labels, is_label_name},
};

/// The names of all labels.
pub(super) async fn names(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Reply<BTreeSet<String>>, Failure> {
    let found = find(&prometheus, &parameters)?;
    let names = found.iter().flat_map(Labels::iter);
    Ok(Reply(names.map(|(name, _)| name.to_string()).collect()))
}

/// The values of one label.
pub(super) async fn values(
    State(prometheus): State<Prometheus>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Reply<BTreeSet<String>>, Failure> {
    if !is_label_name(&name) {
        return Err(Failure::bad_data(format!("invalid label name: {name:?}")));
    }
    let found = find(&prometheus, &parameters)?;
    let values = found.iter().map(|labels| labels.get(&name));
    let values = values.filter(|value| !value.is_empty());
    Ok(Reply(values.map(str::to_owned).collect()))
}

/// The series that one of `match[]` lets through.
pub(super) async fn series(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Reply<BTreeSet<Labels>>, Failure> {
    if parameters.all("match[]").next().is_none() {
        return Err(Failure::bad_data("no match[] parameter provided"));
    }
    find(&prometheus, &parameters).map(Reply)
}

/// Those that any of `match[]` lets through, or all if there is none.
fn find(prometheus: &Prometheus, parameters: &Parameters) -> Result<BTreeSet<Labels>, Failure> {
    let (from, to) = parameters.span()?;
    let mut selectors = parameters.selectors()?;
    if selectors.is_empty() {
        selectors.push(Vec::new());
    }
    let samples = &prometheus.scraper.samples;
    let found = selectors.iter().flat_map(|it| samples.labels(it, from, to));
    Ok(found.collect())
}
