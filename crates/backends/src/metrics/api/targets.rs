//! `/targets`: what is scraped, and how that goes.

use axum::extract::State;
use serde::Serialize;

use super::{parameters::Parameters, reply::Reply, state::Api};
use crate::metrics::scrape::TargetReply;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Targets {
    active_targets: Vec<TargetReply>,
    /// Always empty: nothing is left out.
    dropped_targets: Vec<TargetReply>,
}

/// `GET /api/v1/targets`
pub(super) async fn targets(State(api): State<Api>, parameters: Parameters) -> Reply<Targets> {
    let active_targets = match parameters.text("state") {
        Some("dropped") => Vec::new(),
        _ => api.scraper.targets(),
    };
    Reply(Targets {
        active_targets,
        dropped_targets: Vec::new(),
    })
}
