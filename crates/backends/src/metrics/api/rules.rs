//! `/rules` and `/alerts`

use axum::extract::State;
use serde::Serialize;

use super::{
    parameters::Parameters,
    reply::{Failure, Reply},
    state::Api,
};
use crate::metrics::rules::{AlertReply, Page, RuleFilter};

#[derive(Debug, Serialize)]
pub(super) struct Alerts {
    alerts: Vec<AlertReply>,
}

/// `GET /api/v1/rules`
pub(super) async fn rules(
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Reply<Page>, Failure> {
    let kind = parameters.text("type").map(str::to_lowercase);
    if !matches!(kind.as_deref(), None | Some("alert" | "record")) {
        let reason = "not supported value, expected alert or record";
        return Err(Failure::parameter("type", reason));
    }
    let all = |name| parameters.all(name).map(str::to_owned).collect();
    let groups = api.rules.groups(&RuleFilter {
        kind,
        names: all("rule_name[]"),
        groups: all("rule_group[]"),
        files: all("file[]"),
        selectors: parameters.selectors()?,
        without_alerts: parameters.flag("exclude_alerts")?,
    });
    let token = parameters.text("group_next_token");
    let Some(limit) = parameters.text("group_limit") else {
        return match token {
            Some(_) => Err(Failure::parameter("group_limit", "needed for a next page")),
            None => Ok(Reply(Page::all(groups))),
        };
    };
    let limit = limit.parse().ok().filter(|limit| *limit > 0);
    let limit = limit.ok_or(Failure::parameter("group_limit", "not a number above 0"))?;
    let page = Page::of(groups, limit, token);
    page.map(Reply)
        .ok_or(Failure::parameter("group_next_token", "no such group"))
}

/// `GET /api/v1/alerts`
pub(super) async fn alerts(State(api): State<Api>) -> Reply<Alerts> {
    let alerts = api.rules.alerts();
    Reply(Alerts { alerts })
}
