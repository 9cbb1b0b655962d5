//! A next hop whose answers are broken: what the gateway's caller gets.

mod broken;

use h2::Reason;
use tonic::Code;

use crate::support::{Caller, Collector, Demo, Process, command};
use broken::Broken;

/// How an answer ends after its messages.
#[derive(Clone, Copy, Debug)]
enum End {
    Status(&'static str),
    NoStatus,
    Reset(Reason),
}

/// What an answer ends with, and what the caller must get.
type Ending = (&'static str, &'static [u8], End, &'static [Code]);

/// It depends on whether the headers were read before the reset came.
const EITHER: &[Code] = &[Code::Internal, Code::Unknown];
const INTERNAL: &[Code] = &[Code::Internal];
const OK: End = End::Status("0");
const BUG: End = End::Reset(Reason::INTERNAL_ERROR);
/// Nine bytes are announced, and three are there.
const CUT: &[u8] = b"\0\0\0\0\x09\x0a\x011";

const ENDINGS: [Ending; 12] = [
    (
        "above 4 MiB",
        b"\0\0\x40\0\x01",
        OK,
        &[Code::ResourceExhausted],
    ),
    ("garbage", b"\0\0\0\0\x02\xff\xff", OK, INTERNAL),
    (
        "no UTF-8",
        b"\0\0\0\0\x05\x0a\x03\x0a\x01\xff",
        OK,
        INTERNAL,
    ),
    ("a cut message", CUT, End::NoStatus, INTERNAL),
    ("a cut prefix", b"\0\0\0", End::NoStatus, INTERNAL),
    ("a status in a message", CUT, OK, INTERNAL),
    ("a bad flag", b"\x07\0\0\0\0", OK, INTERNAL),
    (
        "compressed without an encoding",
        b"\x01\0\0\0\0",
        OK,
        INTERNAL,
    ),
    ("no status", b"", End::NoStatus, &[Code::Unknown]),
    ("a reset for a bug", b"", BUG, INTERNAL),
    (
        "a reset without an error",
        b"",
        End::Reset(Reason::NO_ERROR),
        EITHER,
    ),
    (
        "details that are no base64",
        b"",
        End::Status("5"),
        &[Code::NotFound],
    ),
];

/// Breaks each kind of call in each way. The breaker sees more good calls than broken ones.
async fn break_all(broken: &Broken, caller: &mut Caller, hop: &str) {
    for (index, ending) in ENDINGS.into_iter().enumerate() {
        for kind in ["get", "create", "watch", "import", "lookup"] {
            broken.answer(None);
            for _ in 0..3 {
                assert_eq!(caller.get("1").await.code, Code::Ok, "{hop}: a good call");
            }
            broken.answer(Some(ending));
            let email = format!("{kind}-{index}@example.com");
            let seen = match kind {
                "get" => caller.get("1").await,
                "create" => caller.create(&email).await,
                "watch" => caller.watch("1", 3).await,
                "import" => caller.import(&[&email]).await,
                _ => caller.lookup(&["1", "2"]).await,
            };
            let (what, _, _, mut expected) = ending;
            if hop == "profile" && kind == "get" && expected == [Code::NotFound] {
                // A user whose profile was never written.
                expected = &[Code::Ok];
            }
            let code = seen.code;
            assert!(expected.contains(&code), "{hop}: {kind}: {what}: {code:?}");
        }
    }
}

#[tokio::test]
async fn a_broken_answer_of_the_last_hop_never_ends_as_a_good_one() {
    let broken = Broken::start().await;
    let demo = Demo::start_over(Some(broken.address), &[]).await;
    break_all(&broken, &mut demo.caller().await, "profile").await;
}

#[tokio::test]
async fn a_broken_answer_of_the_middle_hop_never_ends_as_a_good_one() {
    let broken = Broken::start().await;
    let collector = Collector::start();
    let target = format!("static:///{}", broken.address);
    let mut command = command(&["gateway", "--listen", "127.0.0.1:0", "--user", &target]);
    command
        .args([
            "--http-listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint);
    let gateway = Process::start("gateway", command);
    let mut caller = Caller::connect(gateway.address("grpc").await).await;
    break_all(&broken, &mut caller, "user").await;
}
