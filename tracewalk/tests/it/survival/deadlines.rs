//! A thousand callers, each with so much time and no more.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rand::Rng as _;
use tokio::{sync::Semaphore, task::JoinSet};
use tonic_resilience::deadline::parse_timeout;

use super::{
    calls::GET_USER,
    chain::{Chain, Plan},
    fake::{Fake, Reply},
    figure,
};
use crate::support::{Span, Trace, Wire, run};

const CALLS: usize = 1000;

/// Calls at a time: more would wait for a processor, and not for their answer.
const AT_A_TIME: usize = 12;

/// The longest time that a flag takes: no clock has a moment so far off.
const LONGEST: &str = "18446744073709551615s";

#[tokio::test]
async fn times_without_end_panic_nowhere() {
    let gateway = [
        "--user-timeout",
        "--max-deadline",
        "--max-stream",
        "--grace",
    ];
    let gateway: Vec<_> = gateway.into_iter().flat_map(|it| [it, LONGEST]).collect();
    let mut chain = Chain::of(Plan {
        gateway: &gateway,
        user: &["--profile-timeout", LONGEST],
        ..Plan::default()
    })
    .await;
    let address = chain.gateway.address("grpc").await.to_string();
    for kind in ["get", "watch"] {
        let words = ["call", kind, "1", "--gateway", &address];
        let output = run(&[&words[..], &["--timeout", LONGEST]].concat()).await;
        assert!(output.status.success(), "{output:?}");
    }
    chain.stop().await;
}

#[tokio::test]
async fn a_thousand_random_deadlines_fall_at_each_hop_and_end_as_such_at_all_of_them() {
    let fake = Fake::start(|_| Reply::NoAnswer).await;
    let mut chain = Chain::over(fake.address).await;
    let given = call_all(&chain).await;
    chain.stop().await;

    let arrived: BTreeMap<_, _> = fake
        .calls()
        .iter()
        .map(|(call, _)| timeout_of(call))
        .collect();
    let traces = chain.collector.traces();
    assert_eq!(traces.len(), CALLS);
    let (mut reached, mut agree) = (0, 0);
    for (trace_id, trace) in &traces {
        let gateway = at(trace, "gateway").expect("it serves every call");
        assert_eq!(gateway, given[trace_id]);
        let user = at(trace, "user");
        assert!(
            user.is_none_or(|user| user < gateway),
            "{user:?} {gateway:?}"
        );
        if let (Some(user), Some(profile)) = (user, arrived.get(trace_id)) {
            assert!(*profile < user, "{profile:?} {user:?}");
            reached += 1;
        }
        agree += usize::from(the_codes_agree(trace));
    }
    figure("calls that reached the last hop", reached);
    figure("calls that are late by the word of every span", agree);
    // The others had nothing left on the way, or their server had no processor for 10 ms.
    assert!(reached > CALLS / 4, "{reached}");
    assert!(agree > CALLS / 4, "{agree}");
}

/// Makes all calls, which end with status 4; returns the time of each by its trace id.
async fn call_all(chain: &Chain) -> BTreeMap<String, Duration> {
    let wire = Wire::connect(chain.gateway.address("grpc").await).await;
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let (wire, places) = (wire.clone(), Arc::clone(&places));
        let given = Duration::from_millis(rand::rng().random_range(100..=300));
        calls.spawn(async move {
            let _place = places.acquire().await.expect("it stays open");
            let timeout = format!("{}m", given.as_millis());
            let headers = GET_USER.refusal(&wire, &[("grpc-timeout", &timeout)]).await;
            assert_eq!(headers["grpc-status"], "4", "{given:?}");
            let trace_id = headers["x-trace-id"].to_str().expect("visible ASCII");
            (trace_id.to_owned(), given)
        });
    }
    calls.join_all().await.into_iter().collect()
}

/// The trace id and the time of a call, as the last hop sees them.
fn timeout_of(call: &hyper::HeaderMap) -> (String, Duration) {
    let context = call["traceparent"].to_str().expect("visible ASCII");
    let trace_id = context.split('-').nth(1).expect("four parts");
    let timeout = parse_timeout(&call["grpc-timeout"]).expect("well formed");
    (trace_id.to_owned(), timeout)
}

/// The time of a call when it came to this service.
fn at(trace: &Trace, service: &str) -> Option<Duration> {
    let span = trace.of(service, "SERVER").next()?;
    let milliseconds = span.attribute("tracewalk.deadline_ms").parse();
    Some(Duration::from_millis(milliseconds.expect("a number")))
}

/// Whether all spans say `DEADLINE_EXCEEDED`, as those of the gateway's own call always do.
///
/// A server whose answer is too late even for the time that is kept back for it hears from its
/// caller first, and says `CANCELLED`.
fn the_codes_agree(trace: &Trace) -> bool {
    let is_late = |span: &Span| span.attribute("rpc.response.status_code") == "DEADLINE_EXCEEDED";
    let of_gateway = trace
        .of("gateway", "SERVER")
        .chain(trace.of("gateway", "CLIENT"));
    for span in of_gateway {
        assert!(is_late(span), "{span:?}");
    }
    let mut calls = trace.spans().iter().filter(|span| span.name.contains('/'));
    calls.all(is_late)
}
