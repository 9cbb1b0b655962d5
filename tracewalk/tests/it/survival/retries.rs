//! A server that fails must not get more calls for it.

use rstest::rstest;
use tonic::Code;

use super::{
    breaker::transitions,
    chain::Chain,
    fake::{Fake, Reply},
    figure,
    load::call,
};
use crate::support::Caller;

const CALLS: usize = 200;

#[rstest]
// The breaker opens at the tenth attempt.
#[case::all(|_| Reply::Refusal(Code::Unavailable), 10, 1)]
// Fewer than half of any ten in a row: the breaker stays closed, and the budget is all there is.
#[case::two_of_five(
    |number| if number % 5 < 3 { Reply::Profile } else { Reply::Refusal(Code::Unavailable) },
    CALLS + CALLS / 10,
    0
)]
#[tokio::test]
async fn a_storm_of_failures_is_not_made_worse(
    #[case] plan: fn(usize) -> Reply,
    #[case] most: usize,
    #[case] opened: u64,
) {
    let fake = Fake::start(plan).await;
    let chain = Chain::over(fake.address).await;
    let caller = Caller::connect(chain.gateway.address("grpc").await).await;
    for _ in 0..CALLS {
        assert_eq!(call(&caller).await.code, Code::Ok, "degraded at worst");
    }
    let attempts = fake.calls().len();
    figure(&format!("attempts of {CALLS} calls"), attempts);
    // On a busy machine the breaker turns half-open meanwhile; its probe fails, and it opens again.
    let [_, probes, opens] = transitions(&chain).await;
    let most = most + usize::try_from(probes).expect("a few");
    assert!(attempts <= most, "{attempts} attempts of {CALLS} calls");
    assert_eq!(opens, opened + probes);
    let user = chain.users[0].metrics().await;
    let target = [("target", "profile")];
    assert!(user.sum("grpc_client_retry_budget_exhausted_total", &target) > 0);
}

#[tokio::test]
async fn a_call_that_is_tried_again_is_one_call_with_a_span_for_each_attempt() {
    let fake = Fake::start(|number| match number {
        0 | 1 => Reply::Refusal(Code::Unavailable),
        _ => Reply::Profile,
    })
    .await;
    let chain = Chain::over(fake.address).await;
    let mut caller = Caller::connect(chain.gateway.address("grpc").await).await;
    let seen = caller.get("1").await;
    assert_eq!(seen.code, Code::Ok);
    let said = fake.calls().into_iter().map(|(metadata, _)| {
        let attempts = metadata.get("grpc-previous-rpc-attempts");
        attempts.map(|it| it.to_str().expect("digits").to_owned())
    });
    let said: Vec<_> = said.collect();
    assert_eq!(said, [None, Some("1".to_owned()), Some("2".to_owned())]);

    let trace = chain.collector.trace(&seen.trace_id, 8).await;
    let calls: Vec<_> = trace.of("user", "CLIENT").collect();
    assert_eq!(calls.len(), 1, "{}", trace.tree());
    assert_eq!(calls[0].attribute("tracewalk.attempts"), "3");
    assert_eq!(calls[0].attribute("rpc.response.status_code"), "OK");
    let port = fake.address.port().to_string();
    assert_eq!(calls[0].attribute("network.peer.port"), port);
    let attempts: Vec<_> = trace.of("user", "INTERNAL").collect();
    assert_eq!(attempts.len(), 3, "{}", trace.tree());
    for attempt in attempts {
        assert_eq!(attempt.parent, calls[0].id);
        assert_eq!(attempt.attribute("network.peer.port"), port);
    }
}

#[tokio::test]
async fn what_may_not_be_repeated_is_sent_once() {
    let fake = Fake::start(|_| Reply::Refusal(Code::Unavailable)).await;
    let chain = Chain::over(fake.address).await;
    let mut caller = Caller::connect(chain.gateway.address("grpc").await).await;
    let seen = caller.watch("1", 2).await;
    assert_eq!(seen.code, Code::Unavailable);
    assert_eq!(fake.calls().len(), 1);
}
