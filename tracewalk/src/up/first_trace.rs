use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use proto::gateway::v1::GetUserRequest;
use serde_json::Value;
use tokio::time::sleep;

use crate::client::{self, Caller, Gateway};

/// The first call of the stack and its trace.
#[derive(Debug)]
pub(super) struct FirstTrace {
    pub(super) id: String,
    pub(super) is_sampled: bool,
    /// When the call was answered.
    pub(super) served: Instant,
}

/// So many calls are made until one is sampled: one in ten is, nearly surely, and none of none.
const MAX_CALLS: u32 = 100;

/// Reads user 1 through all three services, as a new user of the demo would; again where its trace was not
/// sampled.
///
/// # Errors
/// When the call is refused, or its answer names no trace.
pub(super) async fn make(gateway: SocketAddr) -> anyhow::Result<FirstTrace> {
    let url = client::parse_url(&gateway.to_string()).map_err(anyhow::Error::msg)?;
    let channel = client::connect(&url).await?;
    let mut gateway = client::gateway(channel, &Caller::default().debug());
    let mut first = call(&mut gateway).await?;
    for _ in 1..MAX_CALLS {
        if first.is_sampled {
            break;
        }
        first = call(&mut gateway).await?;
    }
    Ok(first)
}

async fn call(gateway: &mut Gateway) -> anyhow::Result<FirstTrace> {
    let request = GetUserRequest {
        user_id: "1".to_owned(),
    };
    let answer = gateway.get_user(request).await.map_err(|status| {
        let failure = client::Failure::from(&status);
        anyhow::anyhow!("the first call failed with {failure}")
    })?;
    let id = client::trace_id(answer.metadata()).context("the first answer names no trace")?;
    Ok(FirstTrace {
        id,
        is_sampled: client::is_sampled(answer.metadata()),
        served: Instant::now(),
    })
}

impl FirstTrace {
    /// Waits until the SERVER span of each service can be seen, `max_wait` at most; `None` then.
    ///
    /// A service exports the spans inside a call no later than the call's own, so with the three
    /// the trace is whole.
    pub(super) async fn complete(&self, ui: SocketAddr, max_wait: Duration) -> Option<Duration> {
        if !self.is_sampled {
            return None;
        }
        let url = format!("http://{ui}/api/traces/{}", self.id)
            .parse::<client::Uri>()
            .ok()?;
        while self.served.elapsed() < max_wait {
            let trace = client::get_json(url.clone()).await.ok();
            if trace.is_some_and(|trace| servers(&trace).len() == 3) {
                return Some(self.served.elapsed());
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }
}

/// The services that have a SERVER span in an answer of the Jaeger API.
fn servers(answer: &Value) -> BTreeSet<&str> {
    let trace = &answer["data"][0];
    let spans = trace["spans"].as_array().into_iter().flatten();
    spans
        .filter(|span| span["tags"].as_array().into_iter().flatten().any(is_server))
        .filter_map(|span| trace["processes"][span["processID"].as_str()?]["serviceName"].as_str())
        .collect()
}

fn is_server(tag: &Value) -> bool {
    tag["key"] == "span.kind" && tag["value"] == "server"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::servers;

    #[test]
    fn only_server_spans_count() {
        let span = |process: &str, kind: &str| {
            json!({
                "processID": process,
                "tags": [{ "key": "span.kind", "type": "string", "value": kind }],
            })
        };
        let answer = json!({ "data": [{
            "spans": [span("p1", "server"), span("p1", "client"), span("p2", "client")],
            "processes": {
                "p1": { "serviceName": "gateway" },
                "p2": { "serviceName": "user" },
            },
        }] });
        assert_eq!(
            servers(&answer).into_iter().collect::<Vec<_>>(),
            ["gateway"]
        );
        assert!(servers(&json!({ "data": [], "errors": [{ "code": 404 }] })).is_empty());
    }
}
