//! Callers that come too often, or all at once.

use std::time::Duration;

use proto::gateway::v1::GetUserRequest;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{
    calls::WATCH_USER,
    chain::{Chain, Plan},
};
use crate::support::{Caller, Span, Wire, run, until};

#[tokio::test]
async fn a_caller_that_comes_too_often_is_told_when_to_come_again() {
    let chain = with(&["--rate-limit", "1"]).await;
    let refused = first_refusal(&chain).await;
    let wait = retry_delay(&refused);
    assert!(wait <= Duration::from_secs(1), "one a second: {wait:?}");
    is_seen(&chain, "rate_limited").await;
    probes_pass(&chain).await;
    let caller = Caller::connect(chain.gateway.address("grpc").await).await;
    until("a call is let pass again", async || {
        let outcome = super::load::call(&caller).await;
        (outcome.code == Code::Ok).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_too_many_at_a_time_is_shed_and_the_place_of_one_that_leaves_is_free() {
    let chain = with(&["--max-calls", "1"]).await;
    let wire = Wire::connect(chain.gateway.address("grpc").await).await;
    let mut watch = WATCH_USER.begin(&wire, &[]).await;
    let _headers = (&mut watch.answer).await.expect("headers");
    let refused = first_refusal(&chain).await;
    assert!(retry_delay(&refused) > Duration::ZERO);
    is_seen(&chain, "shed").await;
    probes_pass(&chain).await;
    watch.cancel();
    let caller = Caller::connect(chain.gateway.address("grpc").await).await;
    until("a call is let pass again", async || {
        let outcome = super::load::call(&caller).await;
        (outcome.code == Code::Ok).then_some(())
    })
    .await;
}

async fn with(gateway: &[&str]) -> Chain {
    Chain::of(Plan {
        gateway,
        ..Plan::default()
    })
    .await
}

/// Calls until one is refused.
async fn first_refusal(chain: &Chain) -> Status {
    let gateway = Caller::connect(chain.gateway.address("grpc").await)
        .await
        .gateway;
    until("a call is refused", async || {
        let request = GetUserRequest {
            user_id: "1".to_owned(),
        };
        gateway.clone().get_user(request).await.err()
    })
    .await
}

fn retry_delay(refused: &Status) -> Duration {
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let details = refused.get_error_details();
    let retry = details.retry_info().expect("waiting helps");
    retry.retry_delay.expect("it says how long")
}

/// In the span of the refused call, and in the metrics.
async fn is_seen(chain: &Chain, event: &str) {
    let has = |span: &Span| span.events.iter().any(|it| it == event);
    let span = until("the span of the refused call", async || {
        chain.collector.spans().into_iter().find(has)
    })
    .await;
    let code = span.attribute("rpc.response.status_code");
    assert_eq!(code, "RESOURCE_EXHAUSTED");
    let refused = [("method", "GetUser"), ("code", "RESOURCE_EXHAUSTED")];
    let gateway = chain.gateway.metrics().await;
    assert!(gateway.sum("grpc_rpc_duration_seconds_count", &refused) > 0);
}

/// A server that refuses calls is busy, and not dead.
async fn probes_pass(chain: &Chain) {
    let address = chain.gateway.address("grpc").await.to_string();
    for _ in 0..3 {
        let probe = run(&["health", &address, "--timeout", "20s"]).await;
        assert!(probe.status.success(), "{probe:?}");
    }
}
