//! `/rules` and `/alerts`

use axum::extract::State;
use serde::Serialize;

use super::{
    parameters::Parameters,
    reply::{Failure, Reply},
    state::Api,
};
use crate::metrics::rules::{AlertReply, GroupReply, Wanted};

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
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Reply<Groups>, Failure> {
    let kind = parameters.text("type").map(str::to_lowercase);
    if !matches!(kind.as_deref(), None | Some("alert" | "record")) {
        let reason = "not supported value, expected alert or record";
        return Err(Failure::parameter("type", reason));
    }
    let all = |name| parameters.all(name).map(str::to_owned).collect();
    let groups = api.rules.groups(&Wanted {
        kind,
        names: all("rule_name[]"),
        groups: all("rule_group[]"),
        files: all("file[]"),
        without_alerts: parameters.flag("exclude_alerts")?,
    });
    Ok(Reply(Groups { groups }))
}

/// `GET /api/v1/alerts`
pub(super) async fn alerts(State(api): State<Api>) -> Reply<Alerts> {
    let alerts = api.rules.alerts();
    Reply(Alerts { alerts })
}
