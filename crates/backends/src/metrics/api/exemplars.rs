//! `/query_exemplars`: the calls behind the series of a query.

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{parameters::Parameters, reply::Failure, state::Api};
use crate::metrics::{
    number::{format_value, seconds},
    tsdb::{Exemplar, Labels},
};

/// The exemplars of one series.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfSeries {
    series_labels: Labels,
    exemplars: Vec<ExemplarReply>,
}

#[derive(Debug, Serialize)]
struct ExemplarReply {
    labels: Labels,
    value: String,
    /// Seconds since 1970.
    timestamp: f64,
}

/// `GET` or `POST /api/v1/query_exemplars`
pub(super) async fn query(
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let (from, to) = parameters.span()?;
    let expr = parameters.query()?;
    let selectors = expr.selectors().into_iter();
    let selectors: Vec<_> = selectors.map(|it| it.matchers.clone()).collect();
    api.admission
        .run(api.tsdb, None, move |tsdb, budget| {
            let found = tsdb.exemplars.select(&selectors, from, to, budget)?;
            Ok(found.into_iter().map(OfSeries::new).collect::<Vec<_>>())
        })
        .await
}

impl OfSeries {
    /// `exemplars` is never empty.
    fn new(exemplars: Vec<Exemplar>) -> Self {
        Self {
            series_labels: exemplars[0].series.clone(),
            exemplars: exemplars.into_iter().map(ExemplarReply::new).collect(),
        }
    }
}

impl ExemplarReply {
    fn new(exemplar: Exemplar) -> Self {
        Self {
            labels: exemplar.labels,
            value: format_value(exemplar.value),
            timestamp: seconds(exemplar.at),
        }
    }
}
