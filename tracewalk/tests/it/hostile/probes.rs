//! Calls over sound HTTP/2 that are no sound gRPC.

use hyper::Method;

use super::{endings::BURNING, watched::Watched};
use crate::support::Demo;
use crate::support::Wire;

/// A message for the user `1` in its frame.
const GOOD: &[u8] = b"\0\0\0\0\x03\x0a\x011";

/// The same, as if it were compressed.
const COMPRESSED: &[u8] = b"\x01\0\0\0\x03\x0a\x011";

/// A call, and its answer: the HTTP status, the gRPC status, and the reason in its details.
struct Probe {
    what: &'static str,
    method: Method,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    answer: (u16, &'static str, &'static str),
}

fn probe(
    what: &'static str,
    body: impl Into<Vec<u8>>,
    code: &'static str,
    reason: &'static str,
) -> Probe {
    Probe {
        what,
        method: Method::POST,
        content_type: "application/grpc",
        headers: Vec::new(),
        body: body.into(),
        answer: (200, code, reason),
    }
}

impl Probe {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// At fault in what stands before the messages.
fn heads() -> Vec<Probe> {
    let is_none =
        |what, value| probe(what, GOOD, "3", "MALFORMED_TIMEOUT").header("grpc-timeout", value);
    vec![
        is_none("a timeout that is none", "soon"),
        is_none("a timeout of nine digits", "123456789m"),
        probe("no time at all", GOOD, "4", "DEADLINE_EXCEEDED").header("grpc-timeout", "0m"),
        probe("20 KiB of metadata", GOOD, "8", "METADATA_TOO_LARGE")
            .header("x-flood", "x".repeat(20 << 10)),
        probe(
            "an unknown encoding",
            COMPRESSED,
            "12",
            "UNSUPPORTED_ENCODING",
        )
        .header("grpc-encoding", "snappy"),
        probe(
            "an encoding that is not read here",
            COMPRESSED,
            "12",
            "UNSUPPORTED_ENCODING",
        )
        .header("grpc-encoding", "gzip"),
    ]
}

/// No gRPC at all.
fn strangers() -> Vec<Probe> {
    let method = |method: Method| Probe {
        method,
        answer: (405, "3", "WRONG_HTTP_METHOD"),
        ..probe("another method", GOOD, "", "")
    };
    let content = |content_type| Probe {
        content_type,
        answer: (415, "3", "WRONG_CONTENT_TYPE"),
        ..probe(content_type, GOOD, "", "")
    };
    vec![
        method(Method::GET),
        method(Method::PUT),
        content("text/plain"),
        content("application/grpc-web"),
    ]
}

/// At fault in the messages.
fn bodies() -> Vec<Probe> {
    vec![
        probe("no message", b"", "12", "NOT_ONE_MESSAGE"),
        probe("two messages", GOOD.repeat(2), "12", "NOT_ONE_MESSAGE"),
        probe(
            "a message of 4 GiB, by its prefix",
            b"\0\xff\xff\xff\xff",
            "8",
            "MESSAGE_TOO_LARGE",
        ),
        probe("a message of 5 MiB", five_mib(), "8", "MESSAGE_TOO_LARGE"),
    ]
}

fn five_mib() -> Vec<u8> {
    let length: u32 = 5 << 20;
    let mut message = vec![0];
    message.extend(length.to_be_bytes());
    message.resize(5 + length as usize, b'x');
    message
}

/// Of all that burns the objective of `prometheus/rules`, nothing is left when what callers got wrong
/// is taken away.
async fn burns_nothing(demo: &Demo) {
    let metrics = demo.gateway.metrics().await;
    let service = "tracewalk.gateway.v1.GatewayService";
    let all = metrics.codes("grpc_rpc_duration_seconds_count", service);
    let invalid = metrics.codes("grpc_rpc_invalid_requests_total", service);
    for code in BURNING {
        assert_eq!(all.get(code), invalid.get(code), "{code}");
    }
}

#[tokio::test]
async fn what_is_no_grpc_gets_the_code_of_the_specification_and_one_span() {
    let watched = Watched::start().await;
    let wire = Wire::connect(watched.demo.gateway.address("grpc").await).await;
    let probes = [strangers(), heads(), bodies()].into_iter().flatten();
    let probes: Vec<_> = probes.collect();
    let count = probes.len();
    for probe in probes {
        let headers: Vec<_> = probe
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let path = "/tracewalk.gateway.v1.GatewayService/GetUser";
        let mut call = wire
            .open_as(probe.method, probe.content_type, path, &headers)
            .await;
        call.send(probe.body);
        call.finish();
        let end = call.end().await;
        let (http, code, reason) = probe.answer;
        assert_eq!(
            (end.http, end.code.as_str()),
            (http, code),
            "{}",
            probe.what
        );
        assert_eq!(end.reason, reason, "{}", probe.what);
        assert!(end.names_its_trace, "{}", probe.what);
    }
    burns_nothing(&watched.demo).await;
    let spans = watched.expect_unharmed().await;
    assert_eq!(spans.len(), count, "one each");
    for fault in ["METADATA_TOO_LARGE", "MESSAGE_TOO_LARGE"] {
        let faults = spans
            .iter()
            .map(|span| span.attribute("tracewalk.protocol_error"));
        assert!(faults.into_iter().any(|it| it == fault), "{fault}");
    }
}
