use std::time::Duration;

use super::*;

fn queue(capacity: usize, batch: usize) -> Queue<Items<u32>> {
    Queue::new(Limits {
        queue: capacity,
        batch,
        delay: Duration::ZERO,
        retry: Duration::ZERO,
    })
}

#[test]
fn full_queue_drops_the_newest_and_counts_it() {
    let queue = queue(2, 2);
    for item in 0..5 {
        queue.push(item);
    }

    assert_eq!(queue.take(), Some(vec![0, 1]));
    let ledger = queue.ledger();
    assert_eq!((ledger.started, ledger.queued), (5, 2));
    assert_eq!(ledger.dropped, BTreeMap::from([("queue_full", 3)]));
    assert!(ledger.balances());
}

#[test]
fn batch_in_flight_fills_the_queue_until_it_is_settled() {
    let queue = queue(2, 2);
    queue.push(0);
    queue.push(1);
    let batch = queue.take();
    queue.push(2);
    assert_eq!(
        queue.ledger().dropped_total(),
        1,
        "two of two are on their way"
    );

    queue.settle(BatchResult::Exported { rejected: 0 });
    queue.push(3);
    assert_eq!((batch, queue.take()), (Some(vec![0, 1]), Some(vec![3])));
}

#[test]
fn partly_rejected_batch_is_split_between_exported_and_failed() {
    let queue = queue(8, 8);
    (0..5).for_each(|item| queue.push(item));
    queue.take();
    queue.settle(BatchResult::Exported { rejected: 2 });

    let ledger = queue.ledger();
    assert_eq!((ledger.exported, ledger.failed_total()), (3, 2));
    assert!(ledger.balances());
}

#[test]
fn answer_after_the_books_are_closed_counts_nothing_twice() {
    let queue = queue(8, 2);
    (0..5).for_each(|item| queue.push(item));
    queue.take();
    queue.abandon();
    queue.settle(BatchResult::Failed {
        reason: "UNAVAILABLE",
    });
    queue.push(9);

    let ledger = queue.ledger();
    assert_eq!(
        ledger.dropped,
        BTreeMap::from([("already_shutdown", 1), ("shutdown", 5)])
    );
    assert!(ledger.balances() && ledger.failed.is_empty());
}
