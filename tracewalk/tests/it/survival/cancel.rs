//! Callers who leave.

use std::time::{Duration, Instant, SystemTime};

use super::{
    calls::{GET_USER, WATCH_USER},
    chain::Chain,
    fake::{Fake, Reply},
    figure,
};
use crate::support::{Trace, Wire, until};

/// How long a caller waits before it leaves.
const WAIT: Duration = Duration::from_millis(100);

const ROUNDS: usize = 20;

#[tokio::test]
async fn a_caller_who_leaves_ends_the_work_of_the_last_hop() {
    let fake = Fake::start(|_| Reply::NoAnswer).await;
    let mut chain = Chain::over(fake.address).await;
    let wire = Wire::connect(chain.gateway.address("grpc").await).await;
    let mut slowest = Duration::ZERO;
    for round in 1..=ROUNDS {
        let call = GET_USER.begin(&wire, &[]).await;
        until("the call is there", async || {
            (fake.calls().len() == round).then_some(())
        })
        .await;
        tokio::time::sleep(WAIT).await;
        let left = Instant::now();
        call.cancel();
        let cut = until("the work ends", async || fake.cut().get(round - 1).copied()).await;
        slowest = slowest.max(cut.saturating_duration_since(left));
    }
    figure(
        "from a caller who leaves to the end of the last hop",
        slowest,
    );
    chain.stop().await;
    let traces = chain.collector.traces();
    assert_eq!(traces.len(), ROUNDS);
    for trace in traces.values() {
        // The last hop is the test itself.
        assert_eq!(all_cancelled(trace), 6, "{}", trace.tree());
    }
}

#[tokio::test]
async fn a_caller_who_leaves_a_stream_is_recorded_at_every_hop() {
    let mut chain = Chain::start().await;
    let wire = Wire::connect(chain.gateway.address("grpc").await).await;
    let mut call = WATCH_USER.begin(&wire, &[]).await;
    let answer = (&mut call.answer).await.expect("headers");
    let trace_id = answer.headers()["x-trace-id"].to_str().unwrap().to_owned();
    tokio::time::sleep(WAIT).await;
    let left = SystemTime::now();
    drop(answer);
    call.cancel();
    chain.collector.trace(&trace_id, 7).await;
    chain.stop().await;
    let trace = &chain.collector.traces()[&trace_id];
    assert_eq!(all_cancelled(trace), 7, "{}", trace.tree());
    let served = trace.of("profile", "SERVER").next().unwrap();
    let left = left.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let after = Duration::from_nanos(served.end).saturating_sub(left);
    figure("from a caller who leaves to the end of the stream", after);
}

/// Every span of a call says that it was cancelled: for a caller that is an error, for a server it
/// is none. Returns how many there are.
fn all_cancelled(trace: &Trace) -> usize {
    let spans = trace.spans().iter().filter(|span| span.name.contains('/'));
    let mut count = 0;
    for span in spans {
        let code = span.attribute("rpc.response.status_code");
        assert_eq!(code, "CANCELLED", "{}", span.label());
        assert_eq!(span.is_error, span.kind != "SERVER", "{}", span.label());
        count += 1;
    }
    count
}
