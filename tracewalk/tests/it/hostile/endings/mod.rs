//! Request streams that end as no request stream should, at every hop and for every rpc.

mod leaving;

use std::collections::BTreeMap;

use crate::support::{Demo, End, Process, Wire, until};

/// A message with the user id `1`, which is a good one for every rpc that begins with an id.
const GOOD: &[u8] = b"\0\0\0\0\x03\x0a\x011";

/// The hops with their rpcs: unary, idempotent, server, client and bidirectional streaming.
const HOPS: [(&str, &str, [&str; 5]); 3] = [
    ("gateway", "tracewalk.gateway.v1.GatewayService", METHODS),
    ("user", "tracewalk.user.v1.UserService", METHODS),
    (
        "profile",
        "tracewalk.profile.v1.ProfileService",
        [
            "GetProfile",
            "PutProfile",
            "WatchProfile",
            "ImportProfiles",
            "LookupProfiles",
        ],
    ),
];
const METHODS: [&str; 5] = [
    "GetUser",
    "CreateUser",
    "WatchUser",
    "ImportUsers",
    "LookupUsers",
];

/// What a stream ends with, whether trailers follow, and the code and the reason that it must get.
type Ending = (
    &'static str,
    &'static [u8],
    bool,
    &'static str,
    &'static str,
);

const ENDINGS: [Ending; 9] = [
    (
        "above 4 MiB",
        b"\0\0\x40\0\x01",
        false,
        "8",
        "MESSAGE_TOO_LARGE",
    ),
    (
        "garbage",
        b"\0\0\0\0\x02\xff\xff",
        false,
        "13",
        "MALFORMED_MESSAGE",
    ),
    (
        "no UTF-8",
        b"\0\0\0\0\x03\x0a\x01\xff",
        false,
        "13",
        "MALFORMED_MESSAGE",
    ),
    (
        "a cut message",
        b"\0\0\0\0\x09\x0a\x011",
        false,
        "13",
        "MESSAGE_CUT",
    ),
    ("a cut prefix", b"\0\0\0", false, "13", "MESSAGE_CUT"),
    (
        "trailers in a message",
        b"\0\0\0\0\x09\x0a\x011",
        true,
        "13",
        "MESSAGE_CUT",
    ),
    (
        "a bad flag",
        b"\x07\0\0\0\x03\x0a\x011",
        false,
        "13",
        "INVALID_FLAG",
    ),
    (
        "a good message with a bad flag",
        b"\x02\0\0\0\0",
        false,
        "13",
        "INVALID_FLAG",
    ),
    (
        "compressed without an encoding",
        b"\x01\0\0\0\x03\x0a\x011",
        false,
        "13",
        "INVALID_FLAG",
    ),
];

/// No UTF-8 where the first field is a message.
const NESTED: &[u8] = b"\0\0\0\0\x05\x0a\x03\x0a\x01\xff";

/// The codes that burn the availability objective, as `prometheus/rules` lists them.
pub(crate) const BURNING: [&str; 6] = [
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

#[tokio::test]
async fn a_broken_stream_gets_its_code_at_every_hop_and_is_the_callers_fault() {
    let demo = Demo::start().await;
    for ((hop, service, methods), process) in HOPS.into_iter().zip(demo.services()) {
        let wire = Wire::connect(process.address("grpc").await).await;
        for (place, method) in methods.into_iter().enumerate() {
            for (what, bytes, trailers, code, reason) in ENDINGS {
                let mut call = wire.open(&format!("/{service}/{method}"), &[]).await;
                // The streams of requests break after a good message.
                if place == 4 {
                    call.send(GOOD);
                }
                let nested = what == "no UTF-8" && [1, 3].contains(&place);
                call.send(if nested { NESTED } else { bytes });
                if trailers {
                    call.finish_with_trailers();
                } else {
                    call.finish();
                }
                let expected = End {
                    http: 200,
                    code: code.to_owned(),
                    reason: reason.to_owned(),
                    names_its_trace: true,
                };
                assert_eq!(call.end().await, expected, "{hop} {method}: {what}");
            }
        }
        let codes = codes(process, service).await;
        // Two of the codes are what a server is blamed for, and these calls are not.
        let burning = |(code, _): &(&String, &u64)| BURNING.contains(&code.as_str());
        let burning: u64 = codes.iter().filter(burning).map(|(_, count)| count).sum();
        assert_eq!(burning, 5 * 8, "{hop}: {codes:?}");
        let invalid = process.metrics().await;
        let invalid = invalid.codes("grpc_rpc_invalid_requests_total", service);
        assert_eq!(invalid["INTERNAL"], 5 * 8, "{hop}");
        assert_eq!(invalid["RESOURCE_EXHAUSTED"], 5, "{hop}");
    }
    // What was passed on of the broken streams was cancelled, not ended as if it were whole.
    settled(&demo).await;
    for codes in all_codes(&demo).await {
        assert_eq!(codes.get("OK"), None, "{codes:?}");
    }
}

/// Waits until no call goes on.
async fn settled(demo: &Demo) {
    for ((name, service, _), process) in HOPS.iter().zip(demo.services()) {
        until(&format!("the end of all calls at {name}"), async || {
            let metrics = process.metrics().await;
            let sum = |metric| metrics.sum(metric, &[("service", service)]);
            let (started, ended) = ("grpc_rpc_started_total", "grpc_rpc_duration_seconds_count");
            (sum(started) == sum(ended)).then_some(())
        })
        .await;
    }
}

/// The calls that have ended, by their code.
async fn codes(process: &Process, service: &str) -> BTreeMap<String, u64> {
    let metrics = process.metrics().await;
    metrics.codes("grpc_rpc_duration_seconds_count", service)
}

async fn all_codes(demo: &Demo) -> [BTreeMap<String, u64>; 3] {
    let mut codes = [(); 3].map(|()| BTreeMap::new());
    for ((place, process), codes) in demo.services().into_iter().enumerate().zip(&mut codes) {
        *codes = self::codes(process, HOPS[place].1).await;
    }
    codes
}
