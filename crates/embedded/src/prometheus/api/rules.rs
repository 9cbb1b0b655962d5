//! `/rules` and `/alerts`

use axum::extract::State;
use serde::Serialize;

use super::{
    parameters::Parameters,
    reply::{Failure, Reply},
};
use crate::prometheus::{
    Prometheus,
    rules::{AlertReply, GroupReply},
};

#[derive(Debug, Serialize)]
pub(super) struct Groups {
    groups: Vec<GroupReply>,
}

#[derive(Debug, Serialize)]
pub(super) struct Alerts {
    alerts: Vec<AlertReply>,
}

/// `GET /api/v1/rules`
pub(super) async fn rules(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Reply<Groups>, Failure> {
    let kind = parameters.text("type");
    if !matches!(kind, None | Some("alert" | "record")) {
        let reason = "not supported value, expected alert or record";
        return Err(Failure::parameter("type", reason));
    }
    let groups = prometheus.rules.groups(kind);
    Ok(Reply(Groups { groups }))
}

/// `GET /api/v1/alerts`
pub(super) async fn alerts(State(prometheus): State<Prometheus>) -> Reply<Alerts> {
    let alerts = prometheus.rules.alerts();
    Reply(Alerts { alerts })
}
