//! SIGTERM under load: what was accepted is answered, and every span arrives.

use std::collections::BTreeSet;

use crate::support::{Demo, Seen, until};
use rstest::rstest;
use tokio::task::JoinSet;
use tonic::Code;

const CALLERS: usize = 16;

#[rstest]
#[case::by_signal(true)]
#[case::by_the_end_of_input(false)]
#[tokio::test]
async fn sigterm_under_load_loses_no_call_and_no_span(#[case] by_signal: bool) {
    let mut demo = Demo::start().await;
    let callers = keep_calling(&demo).await;
    until("a hundred calls", async || {
        (demo.collector.spans().len() > 900).then_some(())
    })
    .await;
    if by_signal {
        demo.gateway.signal("TERM").await;
    } else {
        demo.gateway.close_input();
    }
    let seen = callers.join_all().await.concat();
    assert_eq!(demo.gateway.ended().await, Some(0));
    assert_eq!(demo.stop().await, [Some(0); 3]);

    // A call without a trace was never accepted: the spans below show that no service knows of it.
    // What its client makes of a connection that goes away is the client's affair: UNAVAILABLE,
    // or CANCELLED or INTERNAL where it had picked the connection already.
    let (answered, refused): (Vec<_>, Vec<_>) =
        seen.into_iter().partition(|seen| !seen.trace_id.is_empty());
    assert!(
        answered.iter().all(|seen| seen.code == Code::Ok),
        "{answered:?}"
    );
    assert_eq!(
        refused.len(),
        CALLERS,
        "each caller goes on until it is refused"
    );
    let answered: BTreeSet<_> = answered.into_iter().map(|seen| seen.trace_id).collect();

    let traces = demo.collector.traces();
    assert_eq!(traces.keys().cloned().collect::<BTreeSet<_>>(), answered);
    for trace in traces.values() {
        assert_eq!(trace.roots().len(), 1, "{}", trace.tree());
        assert_eq!(trace.of("profile", "SERVER").count(), 1, "{}", trace.tree());
    }
    the_ledgers_balance(&demo).await;
}

/// Each service says at its end where its spans went, and the collector has as many.
async fn the_ledgers_balance(demo: &Demo) {
    let mut exported = 0;
    for service in demo.services() {
        let ledger = service.event("exported").await;
        assert_eq!(ledger["started"], ledger["exported"], "{ledger}");
        exported += ledger["exported"].as_u64().expect("a number");
    }
    assert_eq!(exported, demo.collector.spans().len() as u64);
}

/// Callers that go on until a call fails: two follow a user for a second each time, the others
/// read one.
async fn keep_calling(demo: &Demo) -> JoinSet<Vec<Seen>> {
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let mut caller = demo.caller().await;
        callers.spawn(async move {
            let mut seen = Vec::new();
            while seen.last().is_none_or(|seen: &Seen| seen.code == Code::Ok) {
                seen.push(match number {
                    0 | 1 => caller.watch("9", 50).await,
                    _ => caller.get("7").await,
                });
            }
            seen
        });
    }
    callers
}
