use std::time::{Duration, Instant};

use proto::gateway::v1::GetUserRequest;
use serde_json::json;
use tokio::time::timeout;
use tonic::Request;

use super::{
    finding::Finding,
    instances::{self, Scrape},
    stack::Stack,
};
use crate::{
    client::{self, Failure},
    output,
};

/// The plain text format.
pub(super) const TEXT: &str = "text/plain";

/// A call through the chain, which the later steps look for, and the metrics of the services before
/// the call.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) trace_id: String,
    pub(super) before: Vec<Scrape>,
    pub(super) made: Instant,
    pub(super) took: Duration,
}

impl Evidence {
    /// Reads the counters, then makes the call.
    ///
    /// # Errors
    /// A finding for the service whose metrics cannot be read, or because of which the call fails.
    pub(super) async fn gather(stack: &Stack) -> Result<Self, Finding> {
        let before = instances::scrape(stack, TEXT).await?;
        let made = Instant::now();
        let trace_id = call(stack).await?;
        let took = made.elapsed();
        let trace_id = trace_id.ok_or_else(|| {
            Finding::new(
                "gateway",
                "the answer names its trace in the metadata `x-trace-id`",
                "it does not",
                "is tracing switched off there (OTEL_SDK_DISABLED)?",
            )
        })?;
        Ok(Self {
            trace_id,
            before,
            made,
            took,
        })
    }
}

/// Reads user 1 through all services; returns the id of the trace.
pub(super) async fn call(stack: &Stack) -> Result<Option<String>, Finding> {
    let target = &stack.check.target;
    let refused = |part: &str, found: String| {
        let expected = "GetUser of user 1 is answered through all three services";
        let advice = format!("look at the log of {part}: it says why it cannot answer");
        Finding::new(part, expected, found, advice)
    };
    let unreached = |error: anyhow::Error| refused("gateway", output::with_causes(&error));
    let bearer = target.token.bearer().map_err(unreached)?;
    let channel = client::connect(&target.gateway).await.map_err(unreached)?;
    let mut request = Request::new(GetUserRequest {
        user_id: "1".to_owned(),
    });
    client::set_timeout(&mut request, target.timeout);
    let mut gateway = client::gateway(channel, &bearer.into());
    let Ok(answer) = timeout(target.timeout, gateway.get_user(request)).await else {
        let found = format!("no answer in {:?}", target.timeout);
        return Err(refused("gateway", found));
    };
    let answer = answer.map_err(|status| {
        let failure = Failure::from(&status);
        refused(&culprit(&failure), failure.to_string().replace('\n', ","))
    })?;
    if answer.get_ref().degraded {
        return Err(refused(
            "profile",
            "an answer without the profile".to_owned(),
        ));
    }
    Ok(client::trace_id(answer.metadata()))
}

/// Who is to blame for a refused call: the details of the error say which hop is out of reach, or
/// that it is the database.
fn culprit(failure: &Failure) -> String {
    let details = json!(failure);
    if details["reason"] == "DATABASE_UNAVAILABLE" {
        return "database".to_owned();
    }
    let hop = details["metadata"]["hop"].as_str();
    hop.unwrap_or("gateway").to_owned()
}
