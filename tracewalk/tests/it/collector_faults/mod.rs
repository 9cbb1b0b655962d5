//! Whatever the collector does, a service answers, its ledger is exact to the span, and it ends in
//! time and with exit code 0: an unreachable collector is not an error of the service.

mod case;
mod fault;
mod service;

use case::Case;
use fault::Fault;
use service::Service;
use tokio::task::JoinSet;

/// Each call is one span.
const CALLS: u64 = 100;

/// Every fault side by side, on one core and on four: much of the time goes by in waiting, and
/// services that are called in turn have the same share of a busy machine.
#[tokio::test]
async fn service_answers_counts_every_span_and_ends_in_time() {
    let mut starting = JoinSet::new();
    for fault in Fault::ALL {
        for workers in ["1", "4"] {
            starting.spawn(Case::start(fault, workers));
        }
    }
    let mut cases = starting.join_all().await;
    for round in 0..CALLS {
        for case in &mut cases {
            case.call(round).await;
        }
    }
    let mut ending = JoinSet::new();
    for case in cases {
        case.assert_unharmed();
        ending.spawn(case.end());
    }
    ending.join_all().await;
}

#[tokio::test]
async fn full_queue_drops_and_counts_and_the_service_answers() {
    const QUEUE: u64 = 16;
    let collector = Fault::Hung.start();
    let mut service = Service::start(&collector, "1", QUEUE).await;
    service.call_times(CALLS).await;
    let ledger = service.ledger(CALLS).await;
    assert_eq!((ledger.queued, ledger.dropped), (QUEUE, CALLS - QUEUE));
    let last = service.stop().await;
    assert_eq!(
        (&last["lost"], &last["dropped"]),
        (&QUEUE.into(), &CALLS.into())
    );
}

#[tokio::test]
async fn collector_that_dies_and_comes_back_gets_every_span() {
    let mut collector = Fault::None.start();
    let mut service = Service::start(&collector, "1", 8192).await;
    for round in 1..=3 {
        service.call_times(CALLS).await;
        collector.kill();
        service.call_times(CALLS).await;
        collector.start();
        service.exported(round * 2 * CALLS).await;
    }
    let last = service.stop().await;
    assert_eq!((&last["failed"], &last["dropped"]), (&0.into(), &0.into()));
    assert_eq!(last["exported"], collector.spans());
}
