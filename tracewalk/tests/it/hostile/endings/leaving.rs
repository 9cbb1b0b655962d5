//! Callers who leave a stream before its end.

use std::{collections::BTreeMap, net::SocketAddr};

use h2::Reason;

use super::{GOOD, HOPS, all_codes, settled};
use crate::support::{Demo, Wire};

/// How a caller leaves.
#[derive(Clone, Copy, Debug)]
enum Leaves {
    Reset(Reason),
    /// The connection is gone.
    Cut,
}

#[tokio::test]
async fn a_caller_who_leaves_a_stream_is_cancelled_at_every_hop_whatever_it_says() {
    const ROUNDS: u64 = 10;
    const LEAVES: [Leaves; 4] = [
        Leaves::Reset(Reason::CANCEL),
        Leaves::Reset(Reason::NO_ERROR),
        Leaves::Reset(Reason::INTERNAL_ERROR),
        Leaves::Cut,
    ];
    let demo = Demo::start().await;
    for ((hop, (name, service, methods)), process) in HOPS.iter().enumerate().zip(demo.services()) {
        let before = all_codes(&demo).await;
        let address = process.address("grpc").await;
        for leaves in LEAVES {
            for round in 0..ROUNDS {
                for method in &methods[2..] {
                    leave(
                        address,
                        &format!("/{service}/{method}"),
                        leaves,
                        round % 2 == 0,
                    )
                    .await;
                }
            }
        }
        settled(&demo).await;
        let codes = all_codes(&demo).await;
        let ended = |codes: &BTreeMap<String, u64>| codes.values().sum::<u64>();
        let calls = 3 * ROUNDS * LEAVES.len() as u64;
        assert_eq!(ended(&codes[hop]) - ended(&before[hop]), calls, "at {name}");
        for (place, codes) in codes.iter().enumerate() {
            let others = codes.keys().filter(|code| *code != "CANCELLED").count();
            assert_eq!(others, 0, "from {name}, at {}: {codes:?}", HOPS[place].0);
        }
    }
}

/// Leaves a stream that has not ended, at once or after its headers have come.
async fn leave(address: SocketAddr, path: &str, leaves: Leaves, at_once: bool) {
    let wire = Wire::connect(address).await;
    let mut call = wire.open(path, &[]).await;
    if path.contains("Watch") {
        // A hundred updates, one a minute.
        call.send(&b"\0\0\0\0\x09\x0a\x011\x10\x64\x1a\x02\x08\x3c"[..]);
        call.finish();
    } else if path.contains("Lookup") {
        call.send(GOOD);
    }
    if !at_once && !path.contains("Import") {
        let answer = (&mut call.answer).await.expect("headers");
        assert_eq!(answer.status(), 200, "{path}");
        let data = answer.into_body().data().await;
        data.expect("an answer").expect("a whole one");
    }
    if let Leaves::Reset(reason) = leaves {
        call.reset(reason);
    }
    // All that was sent has arrived when another call is answered.
    wire.open("/no.such.Service/Method", &[]).await.end().await;
    wire.cut();
}
