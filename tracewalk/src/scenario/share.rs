//! More calls where there were many: what is a lot of failures depends on the calls that went well.

use super::{fields::COUNT, queries, workload::Calls};
use crate::client::Uri;

/// The calls, so many more of them that they are their share of the gateway's calls of the last hour.
///
/// # Errors
/// When Prometheus cannot be asked.
pub(super) async fn of_last_hour(calls: &Calls, prometheus: &Uri) -> anyhow::Result<Calls> {
    let Some(share) = calls.share else {
        return Ok(calls.clone());
    };
    let gateway = r#"grpc_rpc_duration_seconds_count{service_name="gateway"}"#;
    let most = COUNT.end();
    // They are a part of the calls of the hour themselves.
    let query =
        format!("clamp_max(ceil(sum(increase({gateway}[1h])) * {share} / (1 - {share})), {most})");
    let answer = queries::ask(prometheus, &query).await?;
    let needed = answer.first().and_then(|count| count.parse().ok());
    Ok(Calls {
        count: calls.count.max(needed.unwrap_or_default()),
        ..calls.clone()
    })
}
