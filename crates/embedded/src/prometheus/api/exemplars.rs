//! `/query_exemplars`: the calls behind the series of a query.

use axum::extract::State;
use serde::Serialize;

use super::{
    parameters::Parameters,
    reply::{Failure, Reply},
};
use crate::prometheus::{
    Prometheus,
    exemplars::Exemplar,
    labels::Labels,
    promql::{format_value, seconds},
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
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Reply<Vec<OfSeries>>, Failure> {
    let (from, to) = parameters.span()?;
    let expr = parameters.query()?;
    let mut found: Vec<Exemplar> = Vec::new();
    for selector in expr.selectors() {
        for exemplar in prometheus
            .scraper
            .exemplars
            .select(&selector.matchers, from, to)
        {
            // Two selectors of one query may let the same series through.
            if !found.contains(&exemplar) {
                found.push(exemplar);
            }
        }
    }
    let mut replies: Vec<OfSeries> = Vec::new();
    for exemplar in found {
        let reply = ExemplarReply {
            labels: exemplar.labels,
            value: format_value(exemplar.value),
            timestamp: seconds(exemplar.at),
        };
        match replies.last_mut() {
            Some(last) if last.series_labels == exemplar.series => last.exemplars.push(reply),
            _ => replies.push(OfSeries {
                series_labels: exemplar.series,
                exemplars: vec![reply],
            }),
        }
    }
    Ok(Reply(replies))
}
