//! The circuit breaker of the user service, over real sockets.

use std::time::{Duration, Instant};

use super::{
    chain::Chain,
    fake::{Fake, Reply},
    figure,
    load::{Outcome, call},
};
use crate::support::{Caller, get, until};
use tonic::Code;

/// It refuses all calls for 5 s, from a moment that the last hop sees a little earlier or later.
const OPEN_FOR: Duration = Duration::from_millis(4900);

#[tokio::test]
async fn the_breaker_changes_by_its_rule_alone_and_answers_are_degraded() {
    let fake = Fake::start(|_| Reply::Refusal(Code::Unavailable)).await;
    let chain = Chain::over(fake.address).await;
    let caller = Caller::connect(chain.gateway.address("grpc").await).await;
    while transitions(&chain).await == [0, 0, 0] {
        is_degraded(&call(&caller).await);
    }
    // At the tenth attempt, all of which failed.
    assert_eq!(fake.calls().len(), 10);
    let opened = fake.calls()[9].1;
    the_trace_says_so(&chain).await;

    // A probe that fails opens it again; no call comes through before its time.
    let probed = next_attempt(&fake, &caller).await;
    assert!(probed - opened >= OPEN_FOR);
    assert_eq!(transitions(&chain).await, [0, 1, 2]);

    fake.set(|_| Reply::Profile);
    let back = next_attempt(&fake, &caller).await;
    assert!(back - probed >= OPEN_FOR);
    figure("open for", [probed - opened, back - probed]);
    for _ in 0..20 {
        let answer = call(&caller).await;
        assert!(!answer.failed(), "{answer:?}");
    }
    assert_eq!(transitions(&chain).await, [1, 2, 2]);
    let user = chain.users[0].metrics().await;
    assert_eq!(
        user.sum("circuit_breaker_state", &[("target", "profile")]),
        0
    );
}

fn is_degraded(answer: &Outcome) {
    assert_eq!((answer.code, answer.degraded), (Code::Ok, true));
}

/// Calls until one comes through to the last hop, and returns when it came.
async fn next_attempt(fake: &Fake, caller: &Caller) -> Instant {
    let before = fake.calls().len();
    until("a call comes through", async || {
        call(caller).await;
        fake.calls().get(before).map(|(_, at)| *at)
    })
    .await
}

/// How often it went to closed, half-open and open.
pub(crate) async fn transitions(chain: &Chain) -> [u64; 3] {
    let user = chain.users[0].metrics().await;
    ["closed", "half_open", "open"].map(|to| {
        let labels = [("target", "profile"), ("to", to)];
        user.sum("circuit_breaker_transitions_total", &labels)
    })
}

/// A call while it is open: what JSON, the spans, the metrics and the log say.
async fn the_trace_says_so(chain: &Chain) {
    let listener = chain.gateway.address("http").await;
    let answer = get(&format!("http://{listener}/v1/users/1")).await;
    assert_eq!(answer.json()["degraded"], true, "{answer:?}");
    assert_eq!(answer.json()["profile"], serde_json::Value::Null);
    let trace = chain.collector.trace(answer.header("x-trace-id"), 5).await;
    let refused = trace.of("user", "CLIENT").next().expect("a call");
    assert_eq!(refused.attribute("tracewalk.breaker_state"), "open");
    assert_eq!(trace.of("user", "INTERNAL").count(), 0, "no attempt");
    for service in ["gateway", "user"] {
        let served = trace.of(service, "SERVER").next().expect("a call");
        assert_eq!(served.attribute("tracewalk.degraded"), "true");
    }
    let user = chain.users[0].metrics().await;
    let target = [("target", "profile")];
    assert_eq!(user.sum("circuit_breaker_state", &target), 2);
    assert!(user.sum("circuit_breaker_refused_total", &target) > 0);
    chain.users[0].line("circuit breaker opened").await;
}
