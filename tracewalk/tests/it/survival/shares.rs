//! One caller with more streams than there is room for, and the others beside it.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use super::{
    breaker::transitions,
    calls::{LOOKUP_USERS, WATCH_USER},
    chain::{Chain, Plan},
    figure,
    load::call,
};
use crate::support::{Caller, DEADLINE, Open, Wire, until};
use futures_util::future::join_all;
use hyper::body::Bytes;
use rstest::rstest;
use tokio::time::timeout;

/// How many of them have answers that nobody reads.
const LOOKUPS: usize = 24;

/// Nothing moves any more when nothing has moved for so long.
const STALLED: Duration = Duration::from_secs(2);

/// How many streams the caller opens on one connection.
const ON_ONE: usize = 250;

/// How many callers there are beside it, and how many calls they make.
const CALLERS: usize = 4;
const CALLS: usize = 200;

/// A call of the others fails where it has to wait for the end of a stream, and not where a busy machine
/// is slow: the deadlines are far off.
async fn start() -> Chain {
    Chain::of(Plan {
        gateway: &["--user-timeout", "60s"],
        user: &["--profile-timeout", "60s"],
        ..Plan::default()
    })
    .await
}

#[rstest]
#[case::that_say_nothing(true)]
#[case::that_watch(false)]
#[tokio::test]
async fn streams_of_one_caller_take_nothing_from_the_others(#[case] silent: bool) {
    let chain = start().await;
    let alone = others(&chain).await;
    for streams in [256, 1000, 4000] {
        let opening = async {
            let mut opened = open(&chain, streams, silent).await;
            let refused = refused(&mut opened).await;
            assert_eq!(refused > 0, streams > 256, "{refused}");
            opened
        };
        let (opened, meanwhile) = others_meanwhile(&chain, opening).await;
        let beside = others(&chain).await;
        let what = format!("p99 alone, while {streams} are opened, and beside them");
        figure(&what, [alone, meanwhile, beside]);
        drop(opened);
        forgotten(&chain).await;
    }
    assert_eq!(transitions(&chain).await, [0, 0, 0]);
}

#[tokio::test]
async fn answers_that_one_caller_does_not_read_hold_nobody_up() {
    let chain = start().await;
    // Each answer names the id that it refuses.
    let message = [b"\0\0\0\x40\x04\x0a\x80\x80\x01", &[b'x'; 0x4000][..]].concat();
    let message = Bytes::from(message);
    // More than all windows on the way have room for: in the end nothing more is taken.
    let lookups = (0..LOOKUPS).map(async |_| {
        // None is short of the window of another one's connection.
        let wire = Wire::connect(chain.gateway.address("grpc").await).await;
        let mut lookup = LOOKUP_USERS.open(&wire, &[]).await;
        let mut taken = 0;
        while timeout(STALLED, lookup.send_all(message.clone()))
            .await
            .is_ok()
        {
            taken += message.len();
            assert!(taken < 16 << 20, "nobody takes so much without being read");
        }
        lookup
    });
    let _unread = join_all(lookups).await;
    others(&chain).await;
    assert_eq!(transitions(&chain).await, [0, 0, 0]);
}

#[tokio::test]
async fn streams_that_are_opened_and_left_again_end_no_call_of_others() {
    let chain = start().await;
    let leaving = async {
        loop {
            // The gateway closes a connection that does too much of this; the caller opens another.
            let wire = Wire::connect(chain.gateway.address("grpc").await).await;
            let mut opened = Vec::new();
            for _ in 0..ON_ONE {
                opened.push(LOOKUP_USERS.open(&wire, &[]).await);
            }
            for stream in &mut opened {
                let _headers = timeout(DEADLINE, &mut stream.answer).await;
            }
            opened.into_iter().for_each(Open::cancel);
        }
    };
    tokio::select! {
        () = leaving => {}
        _ = others(&chain) => {}
    }
    assert_eq!(transitions(&chain).await, [0, 0, 0]);
}

/// Opens so many streams, over as many connections as they need.
async fn open(chain: &Chain, streams: usize, silent: bool) -> Vec<Open> {
    let mut opened = Vec::new();
    let mut wire = None;
    for number in 0..streams {
        if number % ON_ONE == 0 {
            wire = Some(Wire::connect(chain.gateway.address("grpc").await).await);
        }
        let wire = wire.as_ref().expect("it is opened before its first stream");
        opened.push(if silent {
            LOOKUP_USERS.open(wire, &[]).await
        } else {
            WATCH_USER.begin(wire, &[]).await
        });
    }
    opened
}

/// How many are answered with `RESOURCE_EXHAUSTED`.
///
/// On a busy machine the caller may be too slow to answer pings, and loses a connection.
async fn refused(opened: &mut [Open]) -> usize {
    let mut refused = 0;
    for stream in opened {
        let answer = timeout(DEADLINE, &mut stream.answer).await;
        if let Ok(answer) = answer.expect("in time") {
            refused += usize::from(
                answer
                    .headers()
                    .get("grpc-status")
                    .is_some_and(|it| it == "8"),
            );
        }
    }
    refused
}

/// Waits until the gateway has no stream of the caller any more.
async fn forgotten(chain: &Chain) {
    until("a stream is admitted again", async || {
        let mut streams = open(chain, 256, true).await;
        (refused(&mut streams).await == 0).then_some(())
    })
    .await;
}

/// What comes of `work`, and the p99 of calls of other callers meanwhile, none of which fails.
async fn others_meanwhile<T>(chain: &Chain, work: impl Future<Output = T>) -> (T, Duration) {
    let ended = Cell::new(false);
    let work = async {
        let result = work.await;
        ended.set(true);
        result
    };
    tokio::join!(work, call_until(chain, |_| ended.get()))
}

/// The p99 of calls of other callers, none of which fails.
async fn others(chain: &Chain) -> Duration {
    call_until(chain, |made| made == CALLS / CALLERS).await
}

/// The p99 of the calls of some callers, one after the other, until each has made enough.
async fn call_until(chain: &Chain, enough: impl Fn(usize) -> bool) -> Duration {
    let callers = (0..CALLERS).map(async |_| {
        let caller = Caller::connect(chain.gateway.address("grpc").await).await;
        let mut times = Vec::new();
        while !enough(times.len()) {
            let begun = Instant::now();
            let outcome = call(&caller).await;
            assert!(!outcome.failed(), "{outcome:?}");
            times.push(begun.elapsed());
        }
        times
    });
    let mut times = join_all(callers).await.concat();
    times.sort_unstable();
    times
        .get(times.len() * 99 / 100)
        .copied()
        .unwrap_or_default()
}
